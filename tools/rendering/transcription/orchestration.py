"""Orchestration of the transcription data: random ensembles of General MIDI's instruments."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Collection, Mapping, Sequence

from tools.rendering.midi import Sound
from tools.rendering.paired.ensembles import Ensemble, Player
from tools.rendering.scores import Note

_SOLO, _TWO = 0.35, 0.5
_UNISON = 0.2
_VOLUMES, _PANS = (70, 118), (24, 104)
_MOST = 9  # Channels below that of the drums.


@dataclasses.dataclass(frozen=True)
class Instrument:
    """Instrument of a SoundFont: the keys that it plays in tune, and its attack time.

    Attributes:
        keys: MIDI keys that it plays in tune.
        attack: seconds until half the level is reached.
    """

    keys: Collection[int]
    attack: float


Instruments = Mapping[int, Instrument]
"""Those that may play, by their program of General MIDI."""


def cast(notes: Sequence[Note], instruments: Instruments, kit: int | None, chance: random.Random) -> Ensemble:
    """An ensemble in which every voice has an instrument that reaches it.

    A third is of one instrument, some of two, most of as many as there are voices; sometimes an instrument
    goes with a voice in unison.

    Args:
        notes: what is played.
        instruments: to choose from.
        kit: program of the drums, if there are any.
        chance: chooses.
    """
    voices = sorted({note.voice for note in notes})
    pitches = {voice: {note.pitch for note in notes if note.voice == voice} for voice in voices}
    lot = chance.random()
    if lot < _SOLO:
        programs = [_one(set().union(*pitches.values()), instruments, chance)] * len(voices)
    elif lot < _TWO:
        others = set().union(*(pitches[voice] for voice in voices[1:]))
        programs = [_one(pitches[voices[0]], instruments, chance)] + [_one(others, instruments, chance)] * (
            len(voices) - 1
        )
    else:
        programs = [_one(pitches[voice], instruments, chance) for voice in voices]
    players = [
        Player(_sound(program, chance), (voice,)) for program, voice in zip(programs, voices, strict=True)
    ]
    if chance.random() < _UNISON and len(players) < _MOST:
        voice = chance.choice(voices)
        players.append(Player(_sound(_one(pitches[voice], instruments, chance), chance), (voice,)))
    drums = None if kit is None else Sound(kit, 64, chance.randint(*_VOLUMES))
    return Ensemble("random", tuple(players), drums)


def _one(pitches: Collection[int], instruments: Instruments, chance: random.Random) -> int:
    """A program that reaches all the pitches, or else as many as any does."""
    out_of_reach = {
        program: sum(pitch not in instrument.keys for pitch in pitches)
        for program, instrument in instruments.items()
    }
    least = min(out_of_reach.values())
    return chance.choice(sorted(program for program, number in out_of_reach.items() if number == least))


def _sound(program: int, chance: random.Random) -> Sound:
    return Sound(program, chance.randint(*_PANS), chance.randint(*_VOLUMES))
