"""Standard MIDI files of performances: one track and one channel for each voice."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from tools.rendering.scores import Note, require_music21

TICKS = 960
"""Ticks per second: 480 per quarter note at the default tempo of 120 quarter notes per minute."""

DRUMS = 9
"""Voice of the drums: channel 10 of General MIDI, on which the program is the drum kit."""

_VOLUME, _PAN = 7, 10
_MODULATION, _DATA, _DATA_LOW, _RPN_LOW, _RPN_HIGH = 1, 6, 38, 100, 101
"""Controllers, of which the last four set a registered parameter."""
_FINE_TUNING, _CENTRE = 1, 8192
"""Registered parameter, and its value at 440 Hz, of 100 cents below and above."""
_BEND_RANGE = 200
"""Cents of the pitch wheel, by default, below and above its centre, which is _CENTRE, too."""
_SCOOP_TICKS, _SCOOP_STEPS = 80, 8


@dataclasses.dataclass(frozen=True)
class Sound:
    """Instrument of a voice, with its pan and volume.

    Attributes:
        program: General MIDI program, from 0.
        pan: 0 (left) to 127 (right).
        volume: 0 to 127.
        detune: cents above 440 Hz tuning, -100 to 99.
        vibrato: modulation, 0 to 127; of the whole part.
        scoop: cents below its pitch, up to 200, at which every note begins; it is reached in 80 ms.
    """

    program: int
    pan: int = 64
    volume: int = 100
    detune: int = 0
    vibrato: int = 0
    scoop: int = 0


def encode(notes: Sequence[Note], sounds: Sequence[Sound], kit: Sound | None = None) -> bytes:
    """MIDI file of a performance.

    Args:
        notes: notes with times in seconds.
        sounds: instruments of voice 0, 1, ..., nine at most.
        kit: drum kit of the voice DRUMS; None for no drums.

    Returns:
        The content of the file (format 1).

    Raises:
        UserError: if music21 is not installed.
    """
    midi = require_music21().midi
    file = midi.MidiFile()
    file.ticksPerQuarterNote = TICKS // 2
    voices = [*enumerate(sounds), *([(DRUMS, kit)] if kit else [])]
    file.tracks = [
        _track(midi, voice + 1, sound, [note for note in notes if note.voice == voice])
        for voice, sound in voices
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
    """(tick, kind, data, ...) in order of time: the program first, and note-offs before note-ons."""
    stops = [(_ticks(note.end), kinds.NOTE_OFF, note.pitch, 0) for note in notes]
    starts = [(_ticks(note.start), kinds.NOTE_ON, note.pitch, note.velocity) for note in notes]
    return [
        (0, kinds.PROGRAM_CHANGE, sound.program),
        (0, kinds.CONTROLLER_CHANGE, _VOLUME, sound.volume),
        (0, kinds.CONTROLLER_CHANGE, _PAN, sound.pan),
        *((0, kinds.CONTROLLER_CHANGE, *control) for control in _controls(sound)),
        *sorted([*stops, *_glides(kinds, sound, notes), *starts], key=lambda message: message[0]),
    ]


def _glides(kinds: Any, sound: Sound, notes: Sequence[Note]) -> list[tuple[Any, ...]]:
    """Movements of the pitch wheel at the beginning of every note, none of them after the next begins."""
    if not sound.scoop:
        return []
    begins = sorted({_ticks(note.start) for note in notes})
    messages = []
    for begin, following in itertools.pairwise([*begins, math.inf]):
        for step in range(_SCOOP_STEPS + 1):
            tick = round(begin) + step * _SCOOP_TICKS // _SCOOP_STEPS
            if tick < following:
                below = sound.scoop * (1 - step / _SCOOP_STEPS)
                value = round(_CENTRE * (1 - below / _BEND_RANGE))
                messages.append((tick, kinds.PITCH_BEND, value & 127, value >> 7))
    return messages


def _controls(sound: Sound) -> list[tuple[int, int]]:
    """Controls and their values for what differs from a channel's defaults."""
    controls = [(_MODULATION, sound.vibrato)] if sound.vibrato else []
    if sound.detune:
        fine = _CENTRE + round(sound.detune / 100 * _CENTRE)
        controls += [(_RPN_HIGH, 0), (_RPN_LOW, _FINE_TUNING), (_DATA, fine >> 7), (_DATA_LOW, fine & 127)]
    return controls


def _ticks(seconds: float) -> int:
    return round(seconds * TICKS)
