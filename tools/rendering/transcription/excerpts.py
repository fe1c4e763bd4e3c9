"""Passages of scores, as long as a lesson, and a second voice for a tune that has none."""

from __future__ import annotations

import dataclasses
import math
import random
import statistics

from tools.rendering import scores
from tools.rendering.scores import Note, Piece

LOWEST, HIGHEST = 24, 103
"""Pitches that are played."""
TRANSPOSED = 6
"""Semitones up or down, at most."""

_LONG, _FASTEST = 1.5, 8.0
_CANON, _DRONE = 0.4, 0.15
_INTERVALS = (-12, -12, -7, -5, 12)
_SHORTEST = 1 / 16


def passage(piece: Piece, quarters: float, chance: random.Random) -> Piece:
    """A part of a piece in some key; a short piece is repeated until it is long enough.

    Args:
        piece: the whole.
        quarters: length of the passage.
        chance: chooses where it starts, and the key.

    Returns:
        From 0; notes that sound at either edge are cut. What lies out of reach is an octave off.
    """
    last = max(piece.quarters, 1.0)
    start = chance.choice(
        sorted({note.start for note in piece.notes if note.start <= last - quarters} or {0.0})
    )
    times = range(math.ceil((start + quarters) / last))
    notes = [
        dataclasses.replace(note, start=note.start + time * last) for time in times for note in piece.notes
    ]
    kept = [cut for note in notes if (cut := _cut(note, start, start + quarters)) is not None]
    shift = chance.randint(-TRANSPOSED, TRANSPOSED)
    return Piece(piece.name, piece.title, _numbered([_moved(note, shift) for note in kept]))


def accompanied(piece: Piece, chance: random.Random) -> Piece:
    """A tune of one voice, often with a second: its canon, or a drone on its last note and the fifth."""
    if max(note.voice for note in piece.notes) > 0:
        return piece
    lot = chance.random()
    if lot < _CANON:
        return _with(piece, _canon(piece, chance))
    return _with(piece, _drone(piece, chance)) if lot < _CANON + _DRONE else piece


def beats_in_quarter(piece: Piece) -> float:
    """Number of quarter notes in a beat: 1, or 2, 4, 8 where most notes are long, as in old notation."""
    median = statistics.median(note.length for note in piece.notes)
    return min(2.0 ** round(math.log2(median)), _FASTEST) if median > _LONG else 1.0


def _cut(note: Note, start: float, end: float) -> Note | None:
    first, last = max(note.start, start), min(note.end, end)
    if last - first < _SHORTEST:
        return None
    return dataclasses.replace(note, start=first - start, length=last - first)


def _moved(note: Note, shift: int) -> Note:
    pitch = note.pitch + shift
    while pitch > HIGHEST:
        pitch -= 12
    while pitch < LOWEST:
        pitch += 12
    return dataclasses.replace(note, pitch=pitch)


def _numbered(notes: list[Note]) -> tuple[Note, ...]:
    """From 0, the voices that play counted from 0, too."""
    voices = {voice: number for number, voice in enumerate(sorted({note.voice for note in notes}))}
    notes = [dataclasses.replace(note, voice=voices[note.voice]) for note in notes]
    return scores.from_zero(notes) if notes else ()


def _canon(piece: Piece, chance: random.Random) -> list[Note]:
    interval, late = chance.choice(_INTERVALS), float(chance.choice((2, 3, 4, 8)))
    copies = (_moved(dataclasses.replace(n, start=n.start + late, voice=1), interval) for n in piece.notes)
    return [note for note in copies if note.end <= piece.quarters]


def _drone(piece: Piece, chance: random.Random) -> list[Note]:
    last = max(piece.notes, key=lambda note: note.start).pitch
    bass, bar = 36 + last % 12, float(chance.choice((2, 3, 4, 8)))
    return [
        Note(time * bar, bar, pitch, 1)
        for time in range(int(piece.quarters // bar))
        for pitch in (bass, bass + 7)
    ]


def _with(piece: Piece, notes: list[Note]) -> Piece:
    return dataclasses.replace(piece, notes=(*piece.notes, *notes))
