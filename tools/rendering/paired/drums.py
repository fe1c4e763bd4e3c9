"""Drums that follow a score's rhythm, as a drummer does who hears the others."""

from __future__ import annotations

import bisect
import random
from collections.abc import Iterator

from tools.rendering.midi import DRUMS
from tools.rendering.scores import Note, Piece

KICK, SNARE, HIHAT, RIDE = 36, 38, 44, 51
"""Keys of General MIDI's drum kits: bass drum, snare, hi-hat closed by foot, ride cymbal."""

_STROKE = 0.1
_UNEVEN = 0.008
_KICKS, _SNARES = 0.6, 0.5
_LEVELS = {RIDE: 66, HIHAT: 58, KICK: 60, SNARE: 50}
_ACCENT, _UNEVEN_LEVEL = 12, 6


def play(piece: Piece, *, tempo: float, lead: float, seed: str) -> list[Note]:
    """Drums for a score.

    The ride goes with every beat, the hi-hat with the second and fourth; the bass drum takes up some of the
    bass's onsets on the beat, and the snare some of the onsets of the others off the beat.

    Args:
        piece: what the others play.
        tempo: quarter notes a minute.
        lead: seconds before the first note.
        seed: the same seed gives the same strokes.

    Returns:
        Notes of the voice DRUMS in seconds, in order of time.
    """
    chance = random.Random(seed)
    strokes = [
        Note(
            lead + quarter * 60 / tempo + chance.uniform(-_UNEVEN, _UNEVEN),
            _STROKE,
            key,
            DRUMS,
            _LEVELS[key] + accent + chance.randint(-_UNEVEN_LEVEL, _UNEVEN_LEVEL),
        )
        for quarter, key, accent in _strokes(piece, chance)
    ]
    return sorted(strokes, key=lambda note: (note.start, note.pitch))


def _strokes(piece: Piece, chance: random.Random) -> Iterator[tuple[float, int, int]]:
    """(quarter, key, accent) without a player's unevenness."""
    for beat, quarter in _beats(piece):
        yield quarter, RIDE, _ACCENT if beat % 2 == 0 else 0
        if beat % 2 == 1:
            yield quarter, HIHAT, 0
    bass = max(note.voice for note in piece.notes)
    on_beat = {quarter for _, quarter in _beats(piece)}
    for quarter in sorted({note.start for note in piece.notes if note.voice == bass} & on_beat):
        if chance.random() < _KICKS:
            yield quarter, KICK, 0
    for quarter in sorted({note.start for note in piece.notes if note.voice != bass} - on_beat):
        if chance.random() < _SNARES:
            yield quarter, SNARE, 0


def _beats(piece: Piece) -> Iterator[tuple[int, float]]:
    """(which beat of its bar, from 0; its quarter) of every beat that the piece reaches."""
    bars = piece.bars or (0.0,)
    quarter = bars[0] % 1
    while quarter < piece.quarters:
        bar = bars[max(bisect.bisect_right(bars, quarter) - 1, 0)]
        yield round(quarter - bar), quarter
        quarter += 1
