"""Bach's four-part chorales as notes, compared by their tunes and played in time.

music21 (the extra `render`) brings the scores; it is imported only when they are read.
"""

from __future__ import annotations

import dataclasses
import difflib
import itertools
import random
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

from pipelines.errors import UserError

VOICES = 4
"""Soprano, alto, tenor, bass."""

_UNEVEN = 0.01
"""Seconds by which a player is early or late at most."""
_BREATH = 0.03
"""Seconds between notes: more than two uneven starts, or a note would cut off its own repetition."""
_LEVELS, _UNEVEN_LEVEL = (76, 92), 8
_TUNE = 16
# Two settings of one tune differ in passing notes: they agree in most intervals, or on most beats.
_SAME_INTERVALS, _SAME_BEATS = 0.7, 0.7


@dataclasses.dataclass(frozen=True)
class Note:
    """One note of one voice.

    Attributes:
        start: quarter notes in a score, seconds in a performance.
        length: in the same unit.
        pitch: MIDI number.
        voice: 0 (soprano) to 3 (bass).
        velocity: MIDI, 1 to 127.
    """

    start: float
    length: float
    pitch: int
    voice: int
    velocity: int = 80

    @property
    def end(self) -> float:
        """End of the note, in the unit of `start`."""
        return self.start + self.length


@dataclasses.dataclass(frozen=True)
class Piece:
    """A score; all times are in quarter notes.

    Attributes:
        name: in the catalogue of the composer's works.
        title: of the tune.
        notes: from 0.
        phrases: where phrases end, if that is known.
        bars: where bars begin, if that is known; the first may be below 0.
    """

    name: str
    title: str
    notes: tuple[Note, ...]
    phrases: tuple[float, ...] = ()
    bars: tuple[float, ...] = ()

    @property
    def quarters(self) -> float:
        """Length in quarter notes."""
        return max(note.end for note in self.notes)


def chorales() -> Iterator[Piece]:
    """The chorales BWV 250 to 438 of music21's corpus that have four voices, without their repeats.

    Raises:
        UserError: if music21 is not installed.
    """
    music21 = require_music21()
    catalogue = music21.corpus.chorales.ChoraleList().byBWV
    for number in sorted(catalogue):
        score = music21.corpus.parse(f"bach/bwv{number}")
        if len(score.parts) == VOICES:
            notes = [note for voice, part in enumerate(score.parts) for note in notes_of(part, voice)]
            yield Piece(f"bwv{number}", catalogue[number]["title"], from_zero(notes))


def require_music21() -> ModuleType:
    """Imports music21.

    Raises:
        UserError: if it is not installed.
    """
    try:
        import music21
    except ImportError as error:
        raise UserError('music21 is missing: install it by pip install "coverband[render]"') from error
    return music21


def from_zero(notes: list[Note]) -> tuple[Note, ...]:
    """Moves a score so that its first note starts at 0 (some begin with rests)."""
    first = min(note.start for note in notes)
    return tuple(dataclasses.replace(note, start=note.start - first) for note in notes)


def notes_of(part: Any, voice: int) -> Iterator[Note]:
    """Notes of a music21 part; grace notes, which have no length, are left out."""
    for item in part.flatten().stripTies().notes:
        for pitch in item.pitches if item.quarterLength > 0 else ():
            yield Note(float(item.offset), float(item.quarterLength), pitch.midi, voice)


@dataclasses.dataclass(frozen=True)
class Tune:
    """Title and opening of a tune, which identify it in whatever key.

    Attributes:
        title: letters of the title; empty if it is unknown.
        intervals: steps in semitones between the first notes of the melody.
        beats: steps from quarter to quarter.
    """

    title: str
    intervals: tuple[int, ...]
    beats: tuple[int, ...]

    def resembles(self, other: Tune) -> bool:
        """True if both share a title, or open with much the same melody."""
        return (
            bool(self.title and self.title == other.title)
            or _alike(self.intervals, other.intervals, _SAME_INTERVALS)
            or _alike(self.beats, other.beats, _SAME_BEATS)
        )


def tune(piece: Piece) -> Tune:
    """The opening of a piece's first voice."""
    return Tune(_letters(piece.title), _intervals(piece), _beats(piece))


def same_tune(one: Piece, other: Piece) -> bool:
    """True if two pieces share a title, or open with much the same melody in whatever key."""
    return tune(one).resembles(tune(other))


def perform(piece: Piece, *, tempo: float, lead: float, seed: str) -> list[Note]:
    """Plays a score with a player's small unevenness.

    Args:
        piece: what to play.
        tempo: quarter notes a minute.
        lead: seconds before the first note, more than 0.01.
        seed: the same seed gives the same performance.

    Returns:
        Notes in seconds, in order of time; the starts are within 0.01 s of the even ones.
    """
    chance, beat = random.Random(seed), 60 / tempo
    level = chance.randint(*_LEVELS)
    played = [
        dataclasses.replace(
            note,
            start=lead + note.start * beat + chance.uniform(-_UNEVEN, _UNEVEN),
            length=max(note.length * beat - _BREATH, _BREATH),
            velocity=level + chance.randint(-_UNEVEN_LEVEL, _UNEVEN_LEVEL),
        )
        for note in piece.notes
    ]
    return sorted(played, key=lambda note: (note.start, note.voice))


def _letters(title: str) -> str:
    return "".join(filter(str.isalpha, title.casefold()))


def _alike(one: Sequence[int], other: Sequence[int], least: float) -> bool:
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    # The quick ratio is an upper bound.
    return matcher.quick_ratio() >= least and matcher.ratio() >= least


def _intervals(piece: Piece) -> tuple[int, ...]:
    """Steps in semitones between the first notes of the soprano."""
    return _steps([note.pitch for note in _soprano(piece)[:_TUNE]])


def _beats(piece: Piece) -> tuple[int, ...]:
    """Steps in semitones from quarter to quarter of the soprano; rests are passed over."""
    beats, soprano = range(int(1.5 * _TUNE)), _soprano(piece)
    return _steps([note.pitch for beat in beats for note in soprano if note.start <= beat < note.end])


def _soprano(piece: Piece) -> list[Note]:
    return sorted((note for note in piece.notes if note.voice == 0), key=lambda note: note.start)


def _steps(pitches: list[int]) -> tuple[int, ...]:
    return tuple(after - before for before, after in itertools.pairwise(pitches))
