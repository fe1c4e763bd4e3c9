"""Piano rolls of notes and drum strokes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pipelines.audio.spec import AudioSpec
from pipelines.nn.pitches import LOWEST, PITCHES

DRUM_CLASSES = ("kick", "snare", "cymbal")
"""Bass drums; snares, toms and hand drums; hi-hats and cymbals."""

_KICKS, _CYMBALS = (35, 36), (42, 44, 46, 49, 51, 52, 53, 55, 57, 59, 69, 70, 80, 81, 82)
_ONSET_FRAMES = 1
"""Frames before and after an onset that are labelled as onset, too, because attacks are slow."""


class Roll(NamedTuple):
    """Piano roll, float32: 1 where a pitch sounds or begins or a drum is struck, else 0; or probabilities.

    Attributes:
        sounding: [frames, PITCHES].
        onset: [frames, PITCHES].
        drums: [frames, len(DRUM_CLASSES)], strokes.
    """

    sounding: np.ndarray
    onset: np.ndarray
    drums: np.ndarray


def from_notes(spec: AudioSpec, notes: np.ndarray, drums: np.ndarray, frames: int) -> Roll:
    """Piano roll of a performance.

    Args:
        spec: audio spec; frame t is centred on second t / frame_rate.
        notes: float [notes, 3]: start and end in seconds, MIDI pitch; pitches outside a piano's range are
            ignored.
        drums: float [strokes, 3], likewise, with keys of General MIDI's drum kits.
        frames: number of frames.
    """
    roll = Roll(*(np.zeros((frames, width), np.float32) for width in (PITCHES, PITCHES, len(DRUM_CLASSES))))
    for start, end, pitch in notes:
        if 0 <= (key := round(pitch) - LOWEST) < PITCHES:
            first = round(start * spec.frame_rate)
            roll.sounding[max(first, 0) : max(round(end * spec.frame_rate), first + 1, 0), key] = 1
            roll.onset[_around(first), key] = 1
    for start, _, key in drums:
        roll.drums[_around(round(start * spec.frame_rate)), drum_class(round(key))] = 1
    return roll


def drum_class(key: int) -> int:
    """Index in DRUM_CLASSES of a key of General MIDI's drum kits."""
    return 0 if key in _KICKS else 2 if key in _CYMBALS else 1


def _around(frame: int) -> slice:
    return slice(max(frame - _ONSET_FRAMES, 0), max(frame + _ONSET_FRAMES + 1, 0))
