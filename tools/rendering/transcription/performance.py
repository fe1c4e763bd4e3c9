"""Plays a passage: tempo that drifts, articulation, dynamics in phrases."""

from __future__ import annotations

import dataclasses
import math
import random
from collections.abc import Callable, Iterable

import numpy as np

from tools.rendering.scores import Note

Clock = Callable[[float], float]
"""When something happens, in seconds, that is written at a time in quarter notes."""

DRIFT = 0.05
"""The tempo is so much faster or slower at most."""

_UNEVEN = 0.01
_SHORTEST = 0.06
# An organ that strikes a key again must have let go of it.
_RELEASE = 0.025
_STEP = 1 / 16
_ARTICULATIONS = ((0.35, 0.6), (0.75, 0.92), (0.75, 0.92), (0.95, 1.0), (1.0, 1.05))
_LEVELS, _SWELL, _ACCENT, _UNEVEN_LEVEL = (58, 104), 16, 6, 6


def clock(tempo: float, lead: float, quarters: float, chance: random.Random) -> Clock:
    """A tempo that drifts gently.

    Args:
        tempo: quarter notes a minute, on average.
        lead: seconds before the first note.
        quarters: how long the passage is.
        chance: how it drifts.
    """
    drift, period, phase = chance.uniform(0, DRIFT), chance.uniform(8, 32), chance.uniform(0, math.tau)
    times = np.arange(0, quarters + 2 * _STEP, _STEP)
    lengths = 60 / tempo * (1 + drift * np.sin(math.tau * times / period + phase)) * _STEP
    seconds = lead + np.concatenate([[0.0], np.cumsum(lengths)[:-1]])
    return lambda quarter: float(np.interp(quarter, times, seconds))


def play(notes: Iterable[Note], at: Clock, chance: random.Random) -> list[Note]:
    """One player's notes in seconds.

    Args:
        notes: of one player, in quarter notes.
        at: when.
        chance: touch, loudness and unevenness.

    Returns:
        In order of time. No key is struck again before it was let go.
    """
    touch, level = chance.uniform(*chance.choice(_ARTICULATIONS)), chance.randint(*_LEVELS)
    swell, period, phase = chance.uniform(0, _SWELL), chance.uniform(4, 16), chance.uniform(0, math.tau)
    played = []
    for note in notes:
        start, end = at(note.start), at(note.end)
        accent = _ACCENT if note.start % 1 == 0 else 0
        loud = level + accent + swell * math.sin(math.tau * note.start / period + phase)
        velocity = round(loud) + chance.randint(-_UNEVEN_LEVEL, _UNEVEN_LEVEL)
        played.append(
            dataclasses.replace(
                note,
                start=start + chance.uniform(-_UNEVEN, _UNEVEN),
                length=max((end - start) * touch, _SHORTEST),
                velocity=min(max(velocity, 30), 127),
            )
        )
    return _released(sorted(played, key=lambda note: (note.start, note.pitch)))


def _released(notes: list[Note]) -> list[Note]:
    """Shortens notes that their own repetition would cut off; of two at once, the later is left out."""
    kept: list[Note] = []
    last: dict[int, int] = {}
    for note in notes:
        before = last.get(note.pitch)
        if before is not None:
            length = note.start - _RELEASE - kept[before].start
            if length < _SHORTEST / 2:
                continue
            kept[before] = dataclasses.replace(kept[before], length=min(kept[before].length, length))
        last[note.pitch] = len(kept)
        kept.append(note)
    return kept
