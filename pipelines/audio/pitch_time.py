"""Pitch shift and time stretch of recordings, in bounded memory.

`pipelines.data.augmentation` describes its use.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import ModuleType

import numpy as np

from pipelines.errors import UserError

BLOCK_SECONDS = 30.0
"""Length of the blocks that are changed one at a time."""

_FADE_SECONDS = 0.2


def change_pitch_and_tempo(
    blocks: Iterable[np.ndarray], sample_rate: int, semitones: float, tempo: float
) -> Iterator[np.ndarray]:
    """Shifts the pitch and changes the tempo of a recording.

    Each block is changed separately; neighbouring blocks are cross-faded for a fifth of a second.

    Args:
        blocks: of the recording, mono float32 [samples], at least one; all but the last of equal length.
        sample_rate: Hz.
        semitones: pitch shift, positive for higher; formants are shifted, too.
        tempo: factor of the tempo, above 1 for faster.

    Yields:
        Mono float32 [samples].
    """
    shared = round(_FADE_SECONDS * sample_rate)
    before = np.zeros(0, np.float32)
    for block, is_last in _overlapping(blocks, shared):
        sound = _change(block, sample_rate, semitones, tempo)
        rise = np.linspace(0, 1, len(before), dtype=np.float32)
        sound[: len(before)] = rise * sound[: len(before)] + (1 - rise) * before
        end = len(sound) if is_last else len(sound) - round(shared / tempo)
        yield sound[:end]
        before = sound[end:]


def _overlapping(blocks: Iterable[np.ndarray], shared: int) -> Iterator[tuple[np.ndarray, bool]]:
    """Blocks extended by the beginning of the next one, and true for the last."""
    pending = np.zeros(0, np.float32)
    for block in blocks:
        if len(pending) and len(block) > shared:
            yield np.concatenate([pending, block[:shared]]), False
            pending = block
        else:  # the first; or the last, if it is too short to be changed separately
            pending = np.concatenate([pending, block])
    yield pending, True


def _change(sound: np.ndarray, sample_rate: int, semitones: float, tempo: float) -> np.ndarray:
    """Mono signal, float32 [samples], changed by Signalsmith Stretch."""
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
            f"a change of pitch or tempo needs {error.name}: pip install 'coverband[augment]'"
        ) from error
    return Signalsmith
