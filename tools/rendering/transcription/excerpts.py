"""Random excerpts of scores, and second voices for monophonic tunes."""

from __future__ import annotations

import dataclasses
import math
import random
import statistics

from tools.rendering import scores
from tools.rendering.scores import Note, Piece

LOWEST, HIGHEST = 24, 103
"""Range of pitches."""
TRANSPOSED = 6
"""Largest transposition, semitones."""

_LONG, _FASTEST = 1.5, 8.0
_CANON, _DRONE = 0.4, 0.15
_INTERVALS = (-12, -12, -7, -5, 12)
_SHORTEST = 1 / 16


def random_excerpt(piece: Piece, quarters: float, rng: random.Random) -> Piece:
    """Random excerpt, randomly transposed; a short piece is repeated.

    Args:
        piece: whole score.
        quarters: length in quarter notes.
        rng: random generator of position and transposition.

    Returns:
        Excerpt that starts at 0. Notes are cut at the edges; pitches out of range are moved by octaves.
    """
    last = max(piece.quarters, 1.0)
    start = rng.choice(sorted({note.start for note in piece.notes if note.start <= last - quarters} or {0.0}))
    times = range(math.ceil((start + quarters) / last))
    notes = [
        dataclasses.replace(note, start=note.start + time * last) for time in times for note in piece.notes
    ]
    kept = [cut for note in notes if (cut := _cut(note, start, start + quarters)) is not None]
    shift = rng.randint(-TRANSPOSED, TRANSPOSED)
    return Piece(piece.name, piece.title, _renumbered([_transposed(note, shift) for note in kept]))


def accompanied(piece: Piece, rng: random.Random) -> Piece:
    """Monophonic tune with a random second voice: a canon, or a drone of its last note and the fifth."""
    if max(note.voice for note in piece.notes) > 0:
        return piece
    draw = rng.random()
    if draw < _CANON:
        return _with_notes(piece, _canon(piece, rng))
    return _with_notes(piece, _drone(piece, rng)) if draw < _CANON + _DRONE else piece


def beats_in_quarter(piece: Piece) -> float:
    """Quarter notes per beat: 1, or 2, 4, 8 for scores of long notes, as in mensural notation."""
    median = statistics.median(note.length for note in piece.notes)
    return min(2.0 ** round(math.log2(median)), _FASTEST) if median > _LONG else 1.0


def _cut(note: Note, start: float, end: float) -> Note | None:
    first, last = max(note.start, start), min(note.end, end)
    if last - first < _SHORTEST:
        return None
    return dataclasses.replace(note, start=first - start, length=last - first)


def _transposed(note: Note, shift: int) -> Note:
    pitch = note.pitch + shift
    while pitch > HIGHEST:
        pitch -= 12
    while pitch < LOWEST:
        pitch += 12
    return dataclasses.replace(note, pitch=pitch)


def _renumbered(notes: list[Note]) -> tuple[Note, ...]:
    """Notes from time 0, with the voices renumbered from 0."""
    voices = {voice: number for number, voice in enumerate(sorted({note.voice for note in notes}))}
    notes = [dataclasses.replace(note, voice=voices[note.voice]) for note in notes]
    return scores.from_zero(notes) if notes else ()


def _canon(piece: Piece, rng: random.Random) -> list[Note]:
    interval, late = rng.choice(_INTERVALS), float(rng.choice((2, 3, 4, 8)))
    copies = (
        _transposed(dataclasses.replace(n, start=n.start + late, voice=1), interval) for n in piece.notes
    )
    return [note for note in copies if note.end <= piece.quarters]


def _drone(piece: Piece, rng: random.Random) -> list[Note]:
    last = max(piece.notes, key=lambda note: note.start).pitch
    bass, bar = 36 + last % 12, float(rng.choice((2, 3, 4, 8)))
    return [
        Note(time * bar, bar, pitch, 1)
        for time in range(int(piece.quarters // bar))
        for pitch in (bass, bass + 7)
    ]


def _with_notes(piece: Piece, notes: list[Note]) -> Piece:
    return dataclasses.replace(piece, notes=(*piece.notes, *notes))
