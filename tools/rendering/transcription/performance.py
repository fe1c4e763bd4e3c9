"""Performance of excerpts: tempo drift, articulation and phrase dynamics."""

from __future__ import annotations

import dataclasses
import math
import random
from collections.abc import Callable, Iterable

import numpy as np

from tools.rendering.scores import Note

TempoCurve = Callable[[float], float]
"""Time in seconds of a time in quarter notes."""

DRIFT = 0.05
"""Largest relative deviation of the tempo."""

_TIME_JITTER = 0.01
_SHORTEST = 0.06
# Seconds between a release and the next onset of the same key.
_RELEASE = 0.025
_STEP = 1 / 16
_ARTICULATIONS = ((0.35, 0.6), (0.75, 0.92), (0.75, 0.92), (0.95, 1.0), (1.0, 1.05))
_LEVELS, _SWELL, _ACCENT, _LEVEL_JITTER = (58, 104), 16, 6, 6


def tempo_curve(tempo: float, lead: float, quarters: float, rng: random.Random) -> TempoCurve:
    """Tempo curve with a slow sinusoidal drift.

    Args:
        tempo: mean tempo, quarter notes per minute.
        lead: seconds before the first note.
        quarters: length of the excerpt in quarter notes.
        rng: random generator.
    """
    drift, period, phase = rng.uniform(0, DRIFT), rng.uniform(8, 32), rng.uniform(0, math.tau)
    times = np.arange(0, quarters + 2 * _STEP, _STEP)
    lengths = 60 / tempo * (1 + drift * np.sin(math.tau * times / period + phase)) * _STEP
    seconds = lead + np.concatenate([[0.0], np.cumsum(lengths)[:-1]])
    return lambda quarter: float(np.interp(quarter, times, seconds))


def perform(notes: Iterable[Note], to_seconds: TempoCurve, rng: random.Random) -> list[Note]:
    """Notes of one part in seconds, with articulation, dynamics and jitter.

    Args:
        notes: notes in quarter notes.
        to_seconds: tempo curve.
        rng: random generator.

    Returns:
        Notes in order of time; every key is released before its next onset.
    """
    articulation, level = rng.uniform(*rng.choice(_ARTICULATIONS)), rng.randint(*_LEVELS)
    swell, period, phase = rng.uniform(0, _SWELL), rng.uniform(4, 16), rng.uniform(0, math.tau)
    performed = []
    for note in notes:
        start, end = to_seconds(note.start), to_seconds(note.end)
        accent = _ACCENT if note.start % 1 == 0 else 0
        velocity = level + accent + swell * math.sin(math.tau * note.start / period + phase)
        velocity = round(velocity) + rng.randint(-_LEVEL_JITTER, _LEVEL_JITTER)
        performed.append(
            dataclasses.replace(
                note,
                start=start + rng.uniform(-_TIME_JITTER, _TIME_JITTER),
                length=max((end - start) * articulation, _SHORTEST),
                velocity=min(max(velocity, 30), 127),
            )
        )
    return _shortened(sorted(performed, key=lambda note: (note.start, note.pitch)))


def _shortened(notes: list[Note]) -> list[Note]:
    """Notes shortened to end before their repetition; of two simultaneous ones, the later is left out."""
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
