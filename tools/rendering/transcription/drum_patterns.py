"""Drummers: patterns of several styles with fills, or strokes that follow the score."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tools.rendering.midi import DRUMS
from tools.rendering.paired import drums
from tools.rendering.scores import Note, Piece
from tools.rendering.transcription.performance import Clock

KITS = (0, 8, 16, 24, 25, 32, 40)
"""Programs of General MIDI's drum kits: standard, room, power, electronic, TR-808, jazz, brush."""

KICKS, SNARES, TOMS, CRASHES = (35, 36), (38, 40), (50, 48, 47, 45, 43, 41), (49, 57)
CLOSED, PEDAL, OPEN, RIDE, STICK, CLAP, TAMBOURINE, COWBELL = 42, 44, 46, 51, 37, 39, 54, 56
"""Keys of General MIDI's drum kits."""

STYLES = ("rock", "straight", "swing", "latin", "follow")

_BAR = 4
_STROKE = 0.08
_UNEVEN = 0.008
_FILLS = 0.2
_LEVEL, _UNEVEN_LEVEL, _GHOST = (60, 110), 10, 25
Stroke = tuple[float, int]
"""Beat of the bar, key."""


def drum(piece: Piece, style: str, beats: float, at: Clock, chance: random.Random) -> list[Note]:
    """Strokes for a passage.

    Args:
        piece: what the others play.
        style: one of STYLES.
        beats: quarter notes in a beat.
        at: when.
        chance: pattern, fills, loudness and unevenness.

    Returns:
        Notes of the voice DRUMS in seconds, in order of time.
    """
    if style == "follow":
        # At 60 a minute, seconds are quarters.
        strokes = [
            (n.start, n.pitch) for n in drums.play(piece, tempo=60, lead=0.0, seed=str(chance.random()))
        ]
    else:
        strokes = [(beat * beats, key) for beat, key in _strokes(style, piece.quarters / beats, chance)]
    level = chance.randint(*_LEVEL)
    played = {
        (round(at(max(quarter, 0.0)), 2), key): Note(
            max(at(max(quarter, 0.0)) + chance.uniform(-_UNEVEN, _UNEVEN), 0.0),
            _STROKE,
            key,
            DRUMS,
            min(
                127, level + chance.randint(-_UNEVEN_LEVEL, _UNEVEN_LEVEL) - _GHOST * (chance.random() < 0.15)
            ),
        )
        for quarter, key in strokes
        if quarter < piece.quarters
    }
    return _apart(sorted(played.values(), key=lambda note: (note.start, note.pitch)))


def _apart(notes: list[Note]) -> list[Note]:
    """Without strokes of one key that come before the last one has ended."""
    ends: dict[int, float] = {}
    kept = []
    for note in notes:
        if note.start > ends.get(note.pitch, -1.0):
            ends[note.pitch] = note.end
            kept.append(note)
    return kept


def _strokes(style: str, beats: float, chance: random.Random) -> Iterator[Stroke]:
    """In beats from the start: every bar the pattern, or a fill and a cymbal after it."""
    pattern, crash = _PATTERNS[style](chance), False
    for bar in range(int(beats // _BAR) + 1):
        fill = chance.random() < _FILLS
        if crash:
            yield bar * _BAR, chance.choice(CRASHES)
        for beat, key in pattern:
            if not fill or beat < _BAR / 2:
                yield bar * _BAR + beat, key
        for beat, key in _fill(chance) if fill else ():
            yield bar * _BAR + beat, key
        crash = fill


def _fill(chance: random.Random) -> Iterator[Stroke]:
    """Toms and snare from high to low over half a bar."""
    keys = sorted(chance.choices((*TOMS, chance.choice(SNARES)), k=8), reverse=True)
    step = chance.choice((0.25, 0.5, 1 / 3))
    for number in range(int(2 / step)):
        yield 2 + number * step, keys[number * 8 // int(2 / step)]


def _rock(chance: random.Random) -> list[Stroke]:
    kick, snare, hat = (
        chance.choice(KICKS),
        chance.choice(SNARES),
        chance.choice((CLOSED, CLOSED, OPEN, RIDE)),
    )
    more = [beat for beat in (0.5, 1.5, 2.5, 3.5, 2.75) if chance.random() < 0.3]
    hats = [(n / 2, hat) for n in range(8)]
    return [*hats, (0, kick), (2, kick), *((beat, kick) for beat in more), (1, snare), (3, snare)]


def _straight(chance: random.Random) -> list[Stroke]:
    kick, back = chance.choice(KICKS), chance.choice((*SNARES, CLAP, STICK))
    hats = [(n / 4, CLOSED) for n in range(16) if chance.random() < 0.8]
    top = [(n + 0.5, OPEN) for n in range(4)] if chance.random() < 0.5 else []
    return [*hats, *top, *((beat, kick) for beat in range(_BAR)), (1, back), (3, back)]


def _swing(chance: random.Random) -> list[Stroke]:
    late, kick, snare = 2 / 3, chance.choice(KICKS), chance.choice(SNARES)
    ride = [(0, RIDE), (1, RIDE), (1 + late, RIDE), (2, RIDE), (3, RIDE), (3 + late, RIDE)]
    comping = [(beat + late, snare) for beat in range(_BAR) if chance.random() < 0.25]
    return [
        *ride,
        (1, PEDAL),
        (3, PEDAL),
        *comping,
        *((b, kick) for b in range(_BAR) if chance.random() < 0.4),
    ]


def _latin(chance: random.Random) -> list[Stroke]:
    kick, bell = chance.choice(KICKS), chance.choice((COWBELL, TAMBOURINE, RIDE))
    clave = chance.choice(((0, 1.5, 3), (0, 0.75, 1.5, 2.5, 3), (0.5, 1, 2, 2.75, 3.5)))
    toms = [(beat, chance.choice(TOMS)) for beat in (1.5, 3, 3.5) if chance.random() < 0.5]
    return [
        *((beat, STICK) for beat in clave),
        *((n / 2, bell) for n in range(8)),
        (0, kick),
        (2, kick),
        *toms,
    ]


_PATTERNS = {"rock": _rock, "straight": _straight, "swing": _swing, "latin": _latin}
