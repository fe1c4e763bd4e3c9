"""Orchestration of the transcription data: random ensembles of General MIDI instruments."""

from __future__ import annotations

import dataclasses
import math
import random
from collections.abc import Collection, Mapping, Sequence

from tools.rendering.midi import Sound
from tools.rendering.paired.ensembles import Ensemble, Part
from tools.rendering.scores import Note

_SOLO, _TWO = 0.35, 0.5
_UNISON = 0.2
_VOLUMES, _PANS = (70, 118), (24, 104)
_DETUNED, _DETUNE = 0.5, 40
_VIBRATO, _VIBRATOS = 0.3, (30, 127)
_SCOOPED, _SCOOPS = 0.15, (30, 150)
_LOUD_DRUMS, _BELOW_DRUMS = 0.5, 0.6
_MOST_PARTS = 9  # channels below that of the drums


@dataclasses.dataclass(frozen=True)
class Instrument:
    """Instrument of a SoundFont, as measured by `soundfont_check`.

    Attributes:
        keys: MIDI keys that are in tune.
        attack: seconds until half of the maximum level is reached.
        decays: seconds by key until a held note can no longer be heard; keys that sustain are left out.
    """

    keys: Collection[int]
    attack: float
    decays: Mapping[int, float] = dataclasses.field(default_factory=dict)

    def audible(self, note: Note) -> Note:
        """Note, in seconds, as long as it can be heard."""
        return dataclasses.replace(note, length=min(note.length, self.decays.get(note.pitch, math.inf)))


Instruments = Mapping[int, Instrument]
"""Usable instruments by General MIDI program."""


def orchestrate(
    notes: Sequence[Note], instruments: Instruments, kit: int | None, rng: random.Random
) -> Ensemble:
    """Random ensemble whose instruments cover the ranges of their voices.

    A third of the ensembles have one instrument, some have two, most have one for each voice; some have an
    instrument that doubles a voice in unison.

    Args:
        notes: notes of all voices.
        instruments: instruments to choose from.
        kit: program of the drum kit; None for no drums.
        rng: random generator.
    """
    voices = sorted({note.voice for note in notes})
    pitches = {voice: {note.pitch for note in notes if note.voice == voice} for voice in voices}
    draw = rng.random()
    if draw < _SOLO:
        programs = [_program(set().union(*pitches.values()), instruments, rng)] * len(voices)
    elif draw < _TWO:
        others = set().union(*(pitches[voice] for voice in voices[1:]))
        programs = [_program(pitches[voices[0]], instruments, rng)] + [_program(others, instruments, rng)] * (
            len(voices) - 1
        )
    else:
        programs = [_program(pitches[voice], instruments, rng) for voice in voices]
    parts = [Part(_sound(program, rng), (voice,)) for program, voice in zip(programs, voices, strict=True)]
    if rng.random() < _UNISON and len(parts) < _MOST_PARTS:
        voice = rng.choice(voices)
        parts.append(Part(_sound(_program(pitches[voice], instruments, rng), rng), (voice,)))
    drums = None if kit is None else Sound(kit, 64, rng.randint(*_VOLUMES))
    return Ensemble("random", tuple(parts), drums)


def as_recorded(ensemble: Ensemble, rng: random.Random) -> Ensemble:
    """Ensemble sometimes out of tune by up to 40 cents, with vibrato, glides, or loud drums."""
    detune = rng.randint(-_DETUNE, _DETUNE) if rng.random() < _DETUNED else 0
    loud = ensemble.kit is not None and rng.random() < _LOUD_DRUMS
    parts = tuple(
        dataclasses.replace(
            part,
            sound=dataclasses.replace(
                part.sound,
                detune=detune,
                vibrato=rng.randint(*_VIBRATOS) if rng.random() < _VIBRATO else 0,
                scoop=rng.randint(*_SCOOPS) if rng.random() < _SCOOPED else 0,
                volume=round(part.sound.volume * (_BELOW_DRUMS if loud else 1.0)),
            ),
        )
        for part in ensemble.parts
    )
    kit = ensemble.kit
    if loud and kit is not None:
        kit = dataclasses.replace(kit, volume=127)
    return dataclasses.replace(ensemble, parts=parts, kit=kit)


def _program(pitches: Collection[int], instruments: Instruments, rng: random.Random) -> int:
    """Random program among those with the fewest pitches outside their range."""
    out_of_reach = {
        program: sum(pitch not in instrument.keys for pitch in pitches)
        for program, instrument in instruments.items()
    }
    least = min(out_of_reach.values())
    return rng.choice(sorted(program for program, number in out_of_reach.items() if number == least))


def _sound(program: int, rng: random.Random) -> Sound:
    return Sound(program, rng.randint(*_PANS), rng.randint(*_VOLUMES))
