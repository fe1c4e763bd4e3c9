"""Ensembles of the benchmark: the bands, and generic ensembles for the content domain."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from tools.demo.plan import BAND
from tools.rendering.midi import Sound
from tools.rendering.scores import VOICES, Note

_PANS = (78, 68, 60, 50)
_ALL = tuple(range(VOICES))


@dataclasses.dataclass(frozen=True)
class Part:
    """Instrument of an ensemble, with the voices that it plays, 0 (highest) to 3 (lowest)."""

    sound: Sound
    voices: tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class Ensemble:
    """Instruments of a recording.

    Attributes:
        name: name in folders and the catalogue.
        parts: instruments; every voice is in at least one part.
        kit: drum kit; None for no drums.
    """

    name: str
    parts: tuple[Part, ...]
    kit: Sound | None = None

    @property
    def sounds(self) -> tuple[Sound, ...]:
        """Sounds of the parts."""
        return tuple(part.sound for part in self.parts)

    @property
    def programs(self) -> set[int]:
        """General MIDI programs of the parts."""
        return {sound.program for sound in self.sounds}

    def arrange(self, notes: Iterable[Note]) -> list[Note]:
        """Notes of all parts; the number of the part replaces the voice."""
        notes = list(notes)
        return [
            dataclasses.replace(note, voice=number)
            for number, part in enumerate(self.parts)
            for note in notes
            if note.voice in part.voices
        ]


def _solo(name: str, program: int) -> Ensemble:
    return Ensemble(name, tuple(Part(Sound(program, pan), (v,)) for v, pan in enumerate(_PANS)))


def _quartet(name: str, *programs: int) -> Ensemble:
    pans = (84, 52, 72, 60)
    return Ensemble(
        name, tuple(Part(Sound(program, pans[voice]), (voice,)) for voice, program in enumerate(programs))
    )


_ROCK = Ensemble("rock", tuple(Part(sound, (voice,)) for voice, sound in enumerate(BAND)))
_BRASS = _quartet("brass", 56, 60, 57, 58)
_BAROQUE = Ensemble(
    "baroque",
    (
        Part(Sound(40, 44, 96), (0,)),
        Part(Sound(40, 56, 88), (1,)),
        Part(Sound(41, 74, 92), (2,)),
        Part(Sound(42, 84, 100), (3,)),
        Part(Sound(6, 64, 88), _ALL),
    ),
)
_JAZZ = Ensemble(
    "jazz",
    (Part(Sound(66, 72, 88), (0,)), Part(Sound(26, 48, 100), (1, 2)), Part(Sound(32, 64, 112), (3,))),
    kit=Sound(32, 64, 74),
)

BANDS = {band.name: band for band in (_ROCK, _BRASS, _BAROQUE, _JAZZ)}
"""Bands by name: rock quartet; brass quartet; strings and harpsichord; jazz quartet with drums."""

_SOLOS = {
    "piano": 0,
    "bright_piano": 1,
    "electric_grand": 2,
    "honkytonk": 3,
    "electric_piano": 4,
    "fm_piano": 5,
    "clavinet": 7,
    "vibraphone": 11,
    "marimba": 12,
    "drawbar_organ": 16,
    "church_organ": 19,
    "reed_organ": 20,
    "accordion": 21,
    "nylon_guitar": 24,
    "steel_guitar": 25,
    "clean_guitar": 27,
    "harp": 46,
    "slow_strings": 49,
    "choir": 52,
    "oboes": 68,
    "bassoons": 70,
    "clarinets": 71,
    "flutes": 73,
    "recorders": 74,
    "koto": 107,
    "kalimba": 108,
}
GENERIC = {
    ensemble.name: ensemble
    for ensemble in (
        *(_solo(name, program) for name, program in _SOLOS.items()),
        _quartet("woodwinds", 73, 68, 71, 70),
        _quartet("recorder_and_guitar", 74, 24, 24, 24),
        _quartet("oboe_and_harp", 68, 46, 46, 46),
        _quartet("clarinet_and_piano", 71, 0, 0, 0),
        _quartet("flute_and_organ", 73, 19, 19, 19),
        _quartet("mallets", 11, 11, 12, 12),
        _quartet("vibes_and_fingered_bass", 11, 4, 4, 33),
        _quartet("guitars", 25, 24, 24, 33),
        _quartet("choir_and_organ", 52, 52, 16, 16),
        _quartet("pan_flute_and_harp", 75, 46, 46, 70),
    )
}
"""Generic ensembles by name; they share no program with a band."""
