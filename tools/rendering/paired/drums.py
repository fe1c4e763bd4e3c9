"""Drum part that follows the rhythm of a score."""

from __future__ import annotations

import bisect
import random
from collections.abc import Iterator

from tools.rendering.midi import DRUMS
from tools.rendering.scores import Note, Piece

KICK, SNARE, HIHAT, RIDE = 36, 38, 44, 51
"""Keys of General MIDI drum kits: bass drum, snare, pedal hi-hat, ride cymbal."""

_LENGTH = 0.1
_TIME_JITTER = 0.008
_KICKS, _SNARES = 0.6, 0.5
_LEVELS = {RIDE: 66, HIHAT: 58, KICK: 60, SNARE: 50}
_ACCENT, _LEVEL_JITTER = 12, 6


def accompany(piece: Piece, *, tempo: float, lead: float, seed: str) -> list[Note]:
    """Drum notes for a score.

    The ride cymbal is on every beat, the hi-hat on the second and fourth; the bass drum doubles some onsets
    of the bass on the beat, and the snare some onsets of the other voices off the beat.

    Args:
        piece: score to accompany.
        tempo: quarter notes per minute.
        lead: seconds before the first note.
        seed: random seed.

    Returns:
        Notes of the voice DRUMS, times in seconds, in order of time.
    """
    rng = random.Random(seed)
    strokes = [
        Note(
            lead + quarter * 60 / tempo + rng.uniform(-_TIME_JITTER, _TIME_JITTER),
            _LENGTH,
            key,
            DRUMS,
            _LEVELS[key] + accent + rng.randint(-_LEVEL_JITTER, _LEVEL_JITTER),
        )
        for quarter, key, accent in _strokes(piece, rng)
    ]
    return sorted(strokes, key=lambda note: (note.start, note.pitch))


def _strokes(piece: Piece, rng: random.Random) -> Iterator[tuple[float, int, int]]:
    """(quarter, key, accent) of every stroke, without jitter."""
    for beat, quarter in _beats(piece):
        yield quarter, RIDE, _ACCENT if beat % 2 == 0 else 0
        if beat % 2 == 1:
            yield quarter, HIHAT, 0
    bass = max(note.voice for note in piece.notes)
    on_beat = {quarter for _, quarter in _beats(piece)}
    for quarter in sorted({note.start for note in piece.notes if note.voice == bass} & on_beat):
        if rng.random() < _KICKS:
            yield quarter, KICK, 0
    for quarter in sorted({note.start for note in piece.notes if note.voice != bass} - on_beat):
        if rng.random() < _SNARES:
            yield quarter, SNARE, 0


def _beats(piece: Piece) -> Iterator[tuple[int, float]]:
    """(index in its bar, time in quarter notes) of every beat of the piece."""
    bars = piece.bars or (0.0,)
    quarter = bars[0] % 1
    while quarter < piece.quarters:
        bar = bars[max(bisect.bisect_right(bars, quarter) - 1, 0)]
        yield round(quarter - bar), quarter
        quarter += 1
