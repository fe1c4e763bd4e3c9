"""Trains the timbre embedding that `coverband evaluate` measures style with.

    coverband benchmark render --out bench --size small
    coverband benchmark embedding --bench bench --out timbre.npz

Learns from bench/judge, songs that no translator is trained on. A part of the pieces and of the instruments is held
out; how often the network, and plain MFCC means, take the same instrument in another piece for nearer than
another instrument in the same piece is printed for both. Takes a few minutes on one core.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from absl import flags

from pipelines import console
from pipelines.audio import files
from pipelines.errors import UserError
from pipelines.metrics import embedding
from tools.triplets import Embed, Recording, chosen, hard_triplets, hold_out, triplet_accuracy

_BENCH = flags.DEFINE_string("bench", None, "Folder that `coverband benchmark render` wrote.", required=True)
_OUT = flags.DEFINE_string("out", None, "The file to write, NAME.npz.", required=True)
_STEPS = flags.DEFINE_integer("steps", 3000, "Training steps.", lower_bound=1)
_SEED = flags.DEFINE_integer("seed", 0, "Chooses weights, batches and what is held out.")

_HELD_OUT = 0.25
_TRIPLETS = 3000


def main(argv: list[str]) -> None:
    """Trains on the judge's songs, prints the table and writes the weights."""
    console.require_no_arguments(argv)
    out = Path(_OUT.value)
    if out.suffix != ".npz" or not out.parent.is_dir():
        raise UserError(f"--out {out} is not possible: name a .npz file in a folder that exists")
    recordings = read(Path(_BENCH.value))
    learned, known, new = split(recordings, _SEED.value)
    # TensorFlow takes seconds to load; a mistake in the flags should not cost them.
    from tools import embedding_network as network

    model = network.build(learned, _SEED.value)
    untrained = network.to_numpy(model)
    network.train(model, learned, known, _STEPS.value, _SEED.value)
    trained = network.to_numpy(model)
    trained.save(out)
    print(table(known, new, {"untrained network": untrained.forward, "trained network": trained.forward}))


def read(bench: Path) -> list[Recording]:
    """The judge's songs, as MFCC windows.

    Raises:
        UserError: if there is no catalogue, or it names no judge's songs.
    """
    path = bench / "catalogue.json"
    try:
        entries = [entry for entry in json.loads(path.read_text()) if entry["split"] == "judge"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{path} is missing or unreadable: make it with `coverband benchmark render --out {bench}`"
        ) from error
    if not entries:
        raise UserError(f"{path} names no songs of the split 'judge': render the benchmark again")
    songs = console.progress(entries, "reading")
    recordings = [_recording(bench / entry["path"], entry["piece"], entry["instrument"]) for entry in songs]
    return [each for each in recordings if len(each.windows)]


def split(recordings: Sequence[Recording], seed: int) -> tuple[list[Recording], np.ndarray, np.ndarray]:
    """What is learned from, and triplets of pieces held out: by the known instruments, and by new ones.

    Raises:
        UserError: if there are too few pieces or instruments for that.
    """
    pieces = {each.piece for each in recordings}
    instruments = {each.instrument for each in recordings}
    new_pieces = hold_out(sorted(pieces), _HELD_OUT, seed)
    new_instruments = hold_out(sorted(instruments), _HELD_OUT, seed + 1)
    old_instruments = instruments - new_instruments
    learned = chosen(recordings, pieces - new_pieces, old_instruments)
    held_out = [
        hard_triplets(chosen(recordings, new_pieces, players), _TRIPLETS, seed)
        for players in (old_instruments, new_instruments)
    ]
    if hard_triplets(learned, 1, seed) is None or held_out[0] is None or held_out[1] is None:
        raise UserError(
            f"{len(pieces)} pieces and {len(instruments)} instruments are too few to hold a part of them out: "
            "render the benchmark again, or a bigger one"
        )
    return learned, held_out[0], held_out[1]


def table(known: np.ndarray, new: np.ndarray, embeddings: dict[str, Embed]) -> str:
    """A Markdown table of triplet accuracies; MFCC means, nothing learned, are in its first row.

    Args:
        known: triplets of known instruments.
        new: triplets of new instruments.
        embeddings: what is compared, by name.
    """
    lines = ["| triplet accuracy on new pieces | known instruments | new instruments |", "|---|---|---|"]
    for name, embed in ({"MFCC means": _mfcc_means} | embeddings).items():
        accuracies = [triplet_accuracy(embed, triplets) for triplets in (known, new)]
        lines.append(f"| {name} | {accuracies[0]:.3f} | {accuracies[1]:.3f} |")
    return "\n".join(lines)


def _mfcc_means(windows: np.ndarray) -> np.ndarray:
    return windows.mean(axis=1)


def _recording(path: Path, piece: str, instrument: str) -> Recording:
    waveform = files.read(path, embedding.SAMPLE_RATE, mono=True)[:, 0]
    return Recording(piece, instrument, embedding.mfcc_windows(waveform, embedding.SAMPLE_RATE))


if __name__ == "__main__":
    console.run(main)
