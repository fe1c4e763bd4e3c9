"""A performance as a standard MIDI file, written by music21: one track and one channel for each voice."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from tools.rendering.scores import Note, require_music21

TICKS = 960
"""Ticks a second: 480 in a quarter note at the tempo of a file that states none, 120 a minute."""

DRUMS = 9
"""The voice of drums: General MIDI has them on the tenth channel, and the program is the drum kit."""

_VOLUME, _PAN = 7, 10


@dataclasses.dataclass(frozen=True)
class Sound:
    """Instrument of a voice, with its place and level in the mix.

    Attributes:
        program: of General MIDI, counted from 0.
        pan: 0 (left) to 127 (right).
        volume: 0 to 127.
    """

    program: int
    pan: int = 64
    volume: int = 100


def encode(notes: Sequence[Note], sounds: Sequence[Sound], kit: Sound | None = None) -> bytes:
    """Writes a performance.

    Args:
        notes: times in seconds.
        sounds: of voice 0, 1, ..., nine at most.
        kit: of the voice DRUMS, if there is one.

    Returns:
        The bytes of a MIDI file (format 1).

    Raises:
        UserError: if music21 is not installed.
    """
    midi = require_music21().midi
    file = midi.MidiFile()
    file.ticksPerQuarterNote = TICKS // 2
    players = [*enumerate(sounds), *([(DRUMS, kit)] if kit else [])]
    file.tracks = [
        _track(midi, voice + 1, sound, [note for note in notes if note.voice == voice])
        for voice, sound in players
    ]
    return file.writestr()


def _track(midi: ModuleType, channel: int, sound: Sound, notes: Sequence[Note]) -> Any:
    track = midi.MidiTrack(channel)
    now = 0
    for tick, kind, *data in _messages(midi.ChannelVoiceMessages, sound, notes):
        event = midi.MidiEvent(track, type=kind, channel=channel)
        event.parameter1, event.parameter2 = (*data, None)[:2]
        track.events += [midi.DeltaTime(track, time=tick - now), event]
        now = tick
    end = midi.MidiEvent(track, type=midi.MetaEvents.END_OF_TRACK, channel=channel)
    end.data = b""
    track.events += [midi.DeltaTime(track, time=0), end]
    return track


def _messages(kinds: Any, sound: Sound, notes: Sequence[Note]) -> list[tuple[Any, ...]]:
    """(tick, kind, data, ...) in the order of time: the sound first, and what stops before what starts."""
    stops = [(_ticks(note.end), kinds.NOTE_OFF, note.pitch, 0) for note in notes]
    starts = [(_ticks(note.start), kinds.NOTE_ON, note.pitch, note.velocity) for note in notes]
    return [
        (0, kinds.PROGRAM_CHANGE, sound.program),
        (0, kinds.CONTROLLER_CHANGE, _VOLUME, sound.volume),
        (0, kinds.CONTROLLER_CHANGE, _PAN, sound.pan),
        *sorted(stops + starts, key=lambda message: message[0]),
    ]


def _ticks(seconds: float) -> int:
    return round(seconds * TICKS)
