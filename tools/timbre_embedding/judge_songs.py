"""The benchmark's judge songs, which no translator is trained on: what the timbre embedding learns from."""

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
from tools.timbre_embedding.triplets import Recording, chosen, hard_triplets, hold_out

_HELD_OUT = 0.25
_TRIPLETS = 500


def read(bench: Path) -> list[Recording]:
    """The judge's songs that are not silent, as MFCC windows.

    Args:
        bench: a folder by `python -m tools render paired`.

    Raises:
        UserError: if there is no catalogue, or it names no judge's songs.
    """
    recordings = [_recording(bench, entry) for entry in console.progress(_entries(bench), "reading")]
    return [each for each in recordings if len(each.windows)]


def split(recordings: Sequence[Recording], seed: int) -> tuple[list[Recording], np.ndarray, np.ndarray]:
    """Holds a quarter of the works, with all their excerpts, and a quarter of the instruments out.

    Args:
        recordings: of the same pieces by several instruments.
        seed: of the choice.

    Returns:
        What is learned from, triplets of new works by known instruments, and of new works by new ones.

    Raises:
        UserError: if there are too few works or instruments for that.
    """
    works = {each.work for each in recordings}
    instruments = {each.instrument for each in recordings}
    new_works = hold_out(works, _HELD_OUT, seed)
    new_instruments = hold_out(instruments, _HELD_OUT, seed + 1)
    known_instruments = instruments - new_instruments
    learned = chosen(recordings, works - new_works, known_instruments)
    known, new = (
        hard_triplets(chosen(recordings, new_works, players), _TRIPLETS, seed)
        for players in (known_instruments, new_instruments)
    )
    if known is None or new is None or hard_triplets(learned, 1, seed) is None:
        raise UserError(
            f"{len(works)} works and {len(instruments)} instruments are too few to hold some of them out: "
            "render the benchmark again, or a bigger one"
        )
    return learned, known, new


def _entries(bench: Path) -> list[dict[str, Any]]:
    """The judge's lines of the catalogue."""
    path = bench / "catalogue.json"
    try:
        entries = [entry for entry in json.loads(path.read_text()) if entry["split"] == "judge"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{path} is missing or unreadable: make it with `python -m tools render paired --out {bench}`"
        ) from error
    if not entries:
        raise UserError(f"{path} names no songs of the split 'judge': render the benchmark again")
    return entries


def _recording(bench: Path, entry: dict[str, Any]) -> Recording:
    waveform = files.read(bench / entry["path"], embedding.SAMPLE_RATE, mono=True)[:, 0]
    windows = embedding.mfcc_windows(waveform, embedding.SAMPLE_RATE)
    return Recording(entry["piece"], entry["instrument"], windows)
