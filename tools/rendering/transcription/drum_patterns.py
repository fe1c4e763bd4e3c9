"""Drum patterns of several styles with fills, or strokes that follow the score."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tools.rendering.midi import DRUMS
from tools.rendering.paired import drums
from tools.rendering.scores import Note, Piece
from tools.rendering.transcription.performance import TempoCurve

KITS = (0, 8, 16, 24, 25, 32, 40)
"""Programs of General MIDI drum kits: standard, room, power, electronic, TR-808, jazz, brush."""

KICKS, SNARES, TOMS, CRASHES = (35, 36), (38, 40), (50, 48, 47, 45, 43, 41), (49, 57)
CLOSED, PEDAL, OPEN, RIDE, STICK, CLAP, TAMBOURINE, COWBELL = 42, 44, 46, 51, 37, 39, 54, 56
"""Keys of General MIDI drum kits."""

STYLES = ("rock", "straight", "swing", "latin", "follow")

_BAR = 4
_LENGTH = 0.08
_TIME_JITTER = 0.008
_FILLS = 0.2
_LEVEL, _LEVEL_JITTER, _GHOST = (60, 110), 10, 25
Stroke = tuple[float, int]
"""Time in beats, key."""


def accompany(
    piece: Piece, style: str, beats: float, to_seconds: TempoCurve, rng: random.Random
) -> list[Note]:
    """Drum notes for an excerpt.

    Args:
        piece: excerpt to accompany.
        style: one of STYLES.
        beats: quarter notes per beat.
        to_seconds: tempo curve.
        rng: random generator.

    Returns:
        Notes of the voice DRUMS, times in seconds, in order of time.
    """
    if style == "follow":
        # At 60 quarter notes per minute, seconds equal quarter notes.
        strokes = [
            (n.start, n.pitch) for n in drums.accompany(piece, tempo=60, lead=0.0, seed=str(rng.random()))
        ]
    else:
        strokes = [(beat * beats, key) for beat, key in _strokes(style, piece.quarters / beats, rng)]
    level = rng.randint(*_LEVEL)
    notes = {
        (round(to_seconds(max(quarter, 0.0)), 2), key): Note(
            max(to_seconds(max(quarter, 0.0)) + rng.uniform(-_TIME_JITTER, _TIME_JITTER), 0.0),
            _LENGTH,
            key,
            DRUMS,
            min(127, level + rng.randint(-_LEVEL_JITTER, _LEVEL_JITTER) - _GHOST * (rng.random() < 0.15)),
        )
        for quarter, key in strokes
        if quarter < piece.quarters
    }
    return _without_overlaps(sorted(notes.values(), key=lambda note: (note.start, note.pitch)))


def _without_overlaps(notes: list[Note]) -> list[Note]:
    """Notes without those that start before the previous one of the same key has ended."""
    ends: dict[int, float] = {}
    kept = []
    for note in notes:
        if note.start > ends.get(note.pitch, -1.0):
            ends[note.pitch] = note.end
            kept.append(note)
    return kept


def _strokes(style: str, beats: float, rng: random.Random) -> Iterator[Stroke]:
    """Strokes of the pattern in every bar, with random fills, each followed by a crash cymbal."""
    pattern, crash = _PATTERNS[style](rng), False
    for bar in range(int(beats // _BAR) + 1):
        fill = rng.random() < _FILLS
        if crash:
            yield bar * _BAR, rng.choice(CRASHES)
        for beat, key in pattern:
            if not fill or beat < _BAR / 2:
                yield bar * _BAR + beat, key
        for beat, key in _fill(rng) if fill else ():
            yield bar * _BAR + beat, key
        crash = fill


def _fill(rng: random.Random) -> Iterator[Stroke]:
    """Fill of toms and snare from high to low over half a bar."""
    keys = sorted(rng.choices((*TOMS, rng.choice(SNARES)), k=8), reverse=True)
    step = rng.choice((0.25, 0.5, 1 / 3))
    for number in range(int(2 / step)):
        yield 2 + number * step, keys[number * 8 // int(2 / step)]


def _rock(rng: random.Random) -> list[Stroke]:
    kick, snare, hat = (
        rng.choice(KICKS),
        rng.choice(SNARES),
        rng.choice((CLOSED, CLOSED, OPEN, RIDE)),
    )
    more = [beat for beat in (0.5, 1.5, 2.5, 3.5, 2.75) if rng.random() < 0.3]
    hats = [(n / 2, hat) for n in range(8)]
    return [*hats, (0, kick), (2, kick), *((beat, kick) for beat in more), (1, snare), (3, snare)]


def _straight(rng: random.Random) -> list[Stroke]:
    kick, back = rng.choice(KICKS), rng.choice((*SNARES, CLAP, STICK))
    hats = [(n / 4, CLOSED) for n in range(16) if rng.random() < 0.8]
    top = [(n + 0.5, OPEN) for n in range(4)] if rng.random() < 0.5 else []
    return [*hats, *top, *((beat, kick) for beat in range(_BAR)), (1, back), (3, back)]


def _swing(rng: random.Random) -> list[Stroke]:
    late, kick, snare = 2 / 3, rng.choice(KICKS), rng.choice(SNARES)
    ride = [(0, RIDE), (1, RIDE), (1 + late, RIDE), (2, RIDE), (3, RIDE), (3 + late, RIDE)]
    comping = [(beat + late, snare) for beat in range(_BAR) if rng.random() < 0.25]
    return [
        *ride,
        (1, PEDAL),
        (3, PEDAL),
        *comping,
        *((b, kick) for b in range(_BAR) if rng.random() < 0.4),
    ]


def _latin(rng: random.Random) -> list[Stroke]:
    kick, bell = rng.choice(KICKS), rng.choice((COWBELL, TAMBOURINE, RIDE))
    clave = rng.choice(((0, 1.5, 3), (0, 0.75, 1.5, 2.5, 3), (0.5, 1, 2, 2.75, 3.5)))
    toms = [(beat, rng.choice(TOMS)) for beat in (1.5, 3, 3.5) if rng.random() < 0.5]
    return [
        *((beat, STICK) for beat in clave),
        *((n / 2, bell) for n in range(8)),
        (0, kick),
        (2, kick),
        *toms,
    ]


_PATTERNS = {"rock": _rock, "straight": _straight, "swing": _swing, "latin": _latin}
