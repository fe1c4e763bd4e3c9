"""Trains the timbre embedding of the style metric of `coverband evaluate`.

    python -m tools render paired --out bench --size small
    python -m tools benchmark embedding --bench bench --out timbre.npz

The training recordings are those in bench/judge, which no translator is trained on. A quarter of the works
and a quarter of the instruments are held out. For these it prints the triplet accuracy, the fraction of
triplets in which the same instrument in another piece is nearer than another instrument in the same piece, of
the network and of MFCC means. It takes a minute on one core.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from absl import flags

from pipelines import console
from pipelines.errors import UserError
from tools.timbre_embedding import recordings
from tools.timbre_embedding.triplets import Embed, triplet_accuracy


def main(argv: list[str]) -> None:
    """Trains the embedding, prints the table and writes the weights."""
    values = flags.FlagValues()
    bench = flags.DEFINE_string(
        "bench", None, "Folder written by `python -m tools render paired`.", required=True, flag_values=values
    )
    file = flags.DEFINE_string("out", None, "Output file, NAME.npz.", required=True, flag_values=values)
    steps = flags.DEFINE_integer("steps", 1000, "Training steps.", lower_bound=1, flag_values=values)
    seed = flags.DEFINE_integer(
        "seed",
        0,
        "Random seed of weights, batches and held-out recordings.",
        lower_bound=0,
        flag_values=values,
    )
    console.parse(values, argv, __doc__)
    out = Path(file.value)
    if out.suffix != ".npz" or not out.parent.is_dir():
        raise UserError(f"--out {out} is not possible: name a .npz file in an existing folder")
    training, known, new = recordings.split(recordings.read(Path(bench.value)), seed.value)
    # Importing TensorFlow takes seconds: the flags are checked before.
    from tools.timbre_embedding import network

    model = network.build(training, seed.value)
    untrained = network.to_numpy(model)
    network.train(model, training, steps.value, seed.value)
    trained = network.to_numpy(model)
    trained.save(out)
    print(_table(known, new, {"untrained network": untrained.forward, "trained network": trained.forward}))


def _table(known: np.ndarray, new: np.ndarray, embeddings: dict[str, Embed]) -> str:
    """Markdown table, with MFCC means, which are not trained, in the first row."""
    lines = ["| triplet accuracy on new works | known instruments | new instruments |", "|---|---|---|"]
    for name, embed in ({"MFCC means": _mfcc_means} | embeddings).items():
        accuracies = [triplet_accuracy(embed, triplets) for triplets in (known, new)]
        lines.append(f"| {name} | {accuracies[0]:.3f} | {accuracies[1]:.3f} |")
    return "\n".join(lines)


def _mfcc_means(windows: np.ndarray) -> np.ndarray:
    return windows.mean(axis=1)


if __name__ == "__main__":
    console.run(main)
