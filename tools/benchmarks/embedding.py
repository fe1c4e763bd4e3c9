"""Trains the timbre embedding that `coverband evaluate` measures style with.

    python -m tools render paired --out bench --size small
    python -m tools benchmark embedding --bench bench --out timbre.npz

Learns from bench/judge, songs that no translator is trained on. A quarter of the works and a quarter of the
instruments are held out. For these it prints how often the same instrument in another piece is nearer than
another instrument in the same piece, to the network and to plain MFCC means. Takes a minute on one core.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from absl import flags

from pipelines import console
from pipelines.errors import UserError
from tools.timbre_embedding import judge_songs
from tools.timbre_embedding.triplets import Embed, triplet_accuracy


def main(argv: list[str]) -> None:
    """Trains on the judge's songs, prints the table and writes the weights."""
    values = flags.FlagValues()
    bench = flags.DEFINE_string(
        "bench", None, "Folder that `python -m tools render paired` wrote.", required=True, flag_values=values
    )
    file = flags.DEFINE_string("out", None, "The file to write, NAME.npz.", required=True, flag_values=values)
    steps = flags.DEFINE_integer("steps", 1000, "Training steps.", lower_bound=1, flag_values=values)
    seed = flags.DEFINE_integer(
        "seed", 0, "Chooses weights, batches and what is held out.", lower_bound=0, flag_values=values
    )
    console.parse(values, argv, __doc__)
    out = Path(file.value)
    if out.suffix != ".npz" or not out.parent.is_dir():
        raise UserError(f"--out {out} is not possible: name a .npz file in a folder that exists")
    learned, known, new = judge_songs.split(judge_songs.read(Path(bench.value)), seed.value)
    # TensorFlow takes seconds to load; a mistake in the flags should not cost them.
    from tools.timbre_embedding import network

    model = network.build(learned, seed.value)
    untrained = network.to_numpy(model)
    network.train(model, learned, steps.value, seed.value)
    trained = network.to_numpy(model)
    trained.save(out)
    print(_table(known, new, {"untrained network": untrained.forward, "trained network": trained.forward}))


def _table(known: np.ndarray, new: np.ndarray, embeddings: dict[str, Embed]) -> str:
    """Markdown; MFCC means, nothing learned, are in the first row."""
    lines = ["| triplet accuracy on new works | known instruments | new instruments |", "|---|---|---|"]
    for name, embed in ({"MFCC means": _mfcc_means} | embeddings).items():
        accuracies = [triplet_accuracy(embed, triplets) for triplets in (known, new)]
        lines.append(f"| {name} | {accuracies[0]:.3f} | {accuracies[1]:.3f} |")
    return "\n".join(lines)


def _mfcc_means(windows: np.ndarray) -> np.ndarray:
    return windows.mean(axis=1)


if __name__ == "__main__":
    console.run(main)
