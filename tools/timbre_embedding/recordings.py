"""Training recordings of the timbre embedding: those of the benchmark's split "judge".

No translator is trained on them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pipelines import console
from pipelines.audio import files
from pipelines.errors import UserError
from pipelines.metrics import embedding
from tools.timbre_embedding.triplets import Recording, hard_triplets, hold_out, select

SPLIT = "judge"

_HELD_OUT = 0.25
_TRIPLETS = 500


def read(bench: Path) -> list[Recording]:
    """Recordings as MFCC windows, without silent ones.

    Args:
        bench: folder written by `python -m tools render paired`.

    Raises:
        UserError: if the catalogue is missing, or has no recordings of the split.
    """
    recordings = [_recording(bench, entry) for entry in console.progress(_entries(bench), "reading")]
    return [each for each in recordings if len(each.windows)]


def split(recordings: Sequence[Recording], seed: int) -> tuple[list[Recording], np.ndarray, np.ndarray]:
    """Training recordings, and triplets of held-out works and instruments, a quarter of each.

    Args:
        recordings: recordings of the same pieces by several instruments.
        seed: random seed.

    Returns:
        Training recordings; triplets of new works by known instruments; triplets of new works by new ones.

    Raises:
        UserError: if there are too few works or instruments.
    """
    works = {each.work for each in recordings}
    instruments = {each.instrument for each in recordings}
    new_works = hold_out(works, _HELD_OUT, seed)
    new_instruments = hold_out(instruments, _HELD_OUT, seed + 1)
    known_instruments = instruments - new_instruments
    training = select(recordings, works - new_works, known_instruments)
    known, new = (
        hard_triplets(select(recordings, new_works, group), _TRIPLETS, seed)
        for group in (known_instruments, new_instruments)
    )
    if known is None or new is None or hard_triplets(training, 1, seed) is None:
        raise UserError(
            f"{len(works)} works and {len(instruments)} instruments are too few to hold some of them out: "
            "render the benchmark again, or a larger one"
        )
    return training, known, new


def _entries(bench: Path) -> list[dict[str, Any]]:
    """Rows of the split in the catalogue."""
    path = bench / "catalogue.json"
    try:
        entries = [entry for entry in json.loads(path.read_text()) if entry["split"] == SPLIT]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{path} is missing or unreadable: create it by `python -m tools render paired --out {bench}`"
        ) from error
    if not entries:
        raise UserError(f"{path} names no songs of the split '{SPLIT}': render the benchmark again")
    return entries


def _recording(bench: Path, entry: dict[str, Any]) -> Recording:
    waveform = files.read(bench / entry["path"], embedding.SAMPLE_RATE, mono=True)[:, 0]
    windows = embedding.mfcc_windows(waveform, embedding.SAMPLE_RATE)
    return Recording(entry["piece"], entry["instrument"], windows)
