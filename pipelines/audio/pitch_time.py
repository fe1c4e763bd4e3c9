"""Recordings at another pitch and another tempo, piece by piece."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import ModuleType

import numpy as np

from pipelines.errors import UserError

PIECE_SECONDS = 30.0
"""Length of the pieces that are altered one at a time, seconds."""

_FADE_SECONDS = 0.2


def altered(
    pieces: Iterable[np.ndarray], sample_rate: int, semitones: float, tempo: float
) -> Iterator[np.ndarray]:
    """A recording higher or lower, and faster or slower, in memory that does not depend on its length.

    Every piece is altered by itself; where two meet, one fades into the other for a fifth of a second.

    Args:
        pieces: of the recording, mono float32 [samples], at least one; all but the last of equal length.
        sample_rate: Hz.
        semitones: by which it becomes higher; formants move along.
        tempo: by which it becomes faster, a factor.

    Yields:
        Mono float32 [samples].
    """
    shared = round(_FADE_SECONDS * sample_rate)
    before = np.zeros(0, np.float32)
    for piece, is_last in _overlapping(pieces, shared):
        sound = _changed(piece, sample_rate, semitones, tempo)
        rise = np.linspace(0, 1, len(before), dtype=np.float32)
        sound[: len(before)] = rise * sound[: len(before)] + (1 - rise) * before
        end = len(sound) if is_last else len(sound) - round(shared / tempo)
        yield sound[:end]
        before = sound[end:]


def _overlapping(pieces: Iterable[np.ndarray], shared: int) -> Iterator[tuple[np.ndarray, bool]]:
    """Every piece with the beginning of the next one, and whether it is the last."""
    waiting = np.zeros(0, np.float32)
    for piece in pieces:
        if len(waiting) and len(piece) > shared:
            yield np.concatenate([waiting, piece[:shared]]), False
            waiting = piece
        else:  # the first; or the last, if it is too short to be altered by itself
            waiting = np.concatenate([waiting, piece])
    yield waiting, True


def _changed(sound: np.ndarray, sample_rate: int, semitones: float, tempo: float) -> np.ndarray:
    """Mono signal, float32 [samples], with its pitch and tempo changed by Signalsmith Stretch."""
    stretch = _signalsmith().Stretch()
    stretch.preset(1, sample_rate)
    stretch.setTransposeSemitones(semitones)
    stretch.setTimeFactor(tempo)
    changed: np.ndarray = np.array(stretch.process(sound[None]))[0]
    return changed


def _signalsmith() -> ModuleType:
    try:
        from python_stretch import Signalsmith
    except ModuleNotFoundError as error:
        raise UserError(
            f"altering pitch or tempo needs {error.name}: pip install 'coverband[augment]'"
        ) from error
    return Signalsmith
