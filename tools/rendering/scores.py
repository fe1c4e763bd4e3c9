"""Scores: reading by music21, comparison of tunes, and performances.

music21 is an optional dependency (the extra `render`), imported by the functions that read scores.
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
"""Number of voices: soprano, alto, tenor, bass."""

_TIME_JITTER = 0.01
"""Largest deviation of an onset, seconds."""
_GAP = 0.03
"""Seconds between notes, more than twice the jitter: a note must not cut off its own repetition."""
_LEVELS, _LEVEL_JITTER = (76, 92), 8
_TUNE = 16
# Two settings of one tune differ in passing notes, but agree in most intervals or on most beats.
_SAME_INTERVALS, _SAME_BEATS = 0.7, 0.7


@dataclasses.dataclass(frozen=True)
class Note:
    """One note of one voice.

    Attributes:
        start: quarter notes in a score, seconds in a performance.
        length: in the same unit.
        pitch: MIDI number.
        voice: number of the voice, from 0 (highest).
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
    """Score; all times are in quarter notes.

    Attributes:
        name: catalogue name of the work.
        title: title of the tune; empty if unknown.
        notes: notes, the first one at 0.
        phrases: ends of phrases; empty if unknown.
        bars: starts of bars; empty if unknown; the first may be below 0.
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
    """Chorales BWV 250 to 438 of music21's corpus that have four voices, without repeats.

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
    """The module music21.

    Raises:
        UserError: if it is not installed.
    """
    try:
        import music21
    except ImportError as error:
        raise UserError('music21 is missing: install it by pip install "coverband[render]"') from error
    return music21


def from_zero(notes: list[Note]) -> tuple[Note, ...]:
    """Notes shifted in time, so that the first one starts at 0."""
    first = min(note.start for note in notes)
    return tuple(dataclasses.replace(note, start=note.start - first) for note in notes)


def notes_of(part: Any, voice: int) -> Iterator[Note]:
    """Notes of a music21 part, without grace notes, which have no length."""
    for item in part.flatten().stripTies().notes:
        for pitch in item.pitches if item.quarterLength > 0 else ():
            yield Note(float(item.offset), float(item.quarterLength), pitch.midi, voice)


@dataclasses.dataclass(frozen=True)
class Tune:
    """Title and incipit of a tune, which identify it in any key.

    Attributes:
        title: letters of the title; empty if it is unknown.
        intervals: intervals in semitones between the first notes of the melody.
        beats: intervals between successive quarter-note beats.
    """

    title: str
    intervals: tuple[int, ...]
    beats: tuple[int, ...]

    def resembles(self, other: Tune) -> bool:
        """True if both have the same title or similar incipits."""
        return (
            bool(self.title and self.title == other.title)
            or _similar(self.intervals, other.intervals, _SAME_INTERVALS)
            or _similar(self.beats, other.beats, _SAME_BEATS)
        )


def tune(piece: Piece) -> Tune:
    """Tune of a piece: the incipit of its first voice."""
    return Tune(_letters(piece.title), _intervals(piece), _beats(piece))


def same_tune(one: Piece, other: Piece) -> bool:
    """True if two pieces have the same title, or similar incipits in any key."""
    return tune(one).resembles(tune(other))


def perform(piece: Piece, *, tempo: float, lead: float, seed: str) -> list[Note]:
    """Performance of a score, with small random deviations of onsets and velocities.

    Args:
        piece: score.
        tempo: quarter notes per minute.
        lead: seconds before the first note, more than 0.01.
        seed: random seed.

    Returns:
        Notes in seconds, in order of time; onsets deviate by 0.01 s at most.
    """
    rng, beat = random.Random(seed), 60 / tempo
    level = rng.randint(*_LEVELS)
    performed = [
        dataclasses.replace(
            note,
            start=lead + note.start * beat + rng.uniform(-_TIME_JITTER, _TIME_JITTER),
            length=max(note.length * beat - _GAP, _GAP),
            velocity=level + rng.randint(-_LEVEL_JITTER, _LEVEL_JITTER),
        )
        for note in piece.notes
    ]
    return sorted(performed, key=lambda note: (note.start, note.voice))


def _letters(title: str) -> str:
    return "".join(filter(str.isalpha, title.casefold()))


def _similar(one: Sequence[int], other: Sequence[int], least: float) -> bool:
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    # quick_ratio is an upper bound of ratio.
    return matcher.quick_ratio() >= least and matcher.ratio() >= least


def _intervals(piece: Piece) -> tuple[int, ...]:
    """Intervals in semitones between the first notes of the soprano."""
    return _steps([note.pitch for note in _soprano(piece)[:_TUNE]])


def _beats(piece: Piece) -> tuple[int, ...]:
    """Intervals in semitones between successive beats of the soprano, without rests."""
    beats, soprano = range(int(1.5 * _TUNE)), _soprano(piece)
    return _steps([note.pitch for beat in beats for note in soprano if note.start <= beat < note.end])


def _soprano(piece: Piece) -> list[Note]:
    return sorted((note for note in piece.notes if note.voice == 0), key=lambda note: note.start)


def _steps(pitches: list[int]) -> tuple[int, ...]:
    return tuple(after - before for before, after in itertools.pairwise(pitches))
