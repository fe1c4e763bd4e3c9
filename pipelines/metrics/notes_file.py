"""The notes of a standard MIDI file, in seconds."""

from __future__ import annotations

import dataclasses
import struct
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipelines.errors import UserError

_DRUMS = 9  # Channel 10, counted from 0.
_NOTE_OFF, _NOTE_ON = 0x80, 0x90
_ONE_BYTE = (0xC0, 0xD0)  # Program changes and channel pressure.
_META, _SYSTEM_EXCLUSIVE, _TEMPO = 0xFF, (0xF0, 0xF7), 0x51
_HEADER = struct.Struct(">4sIHHH")
_DEFAULT_TEMPO = 500_000  # Microseconds a quarter note: 120 a minute.

Event = tuple[int, int, bytes]
"""Tick, status byte (for the meta event of tempo its type, _TEMPO), data."""


def read_notes(path: str | Path) -> np.ndarray:
    """Reads the pitched notes of a MIDI file (SMF 1.0, format 0 or 1); drums, on channel 10, are left out.

    A note that is never released lasts until the last event of the file.

    Args:
        path: of the file.

    Returns:
        float64 [notes, 3]: start and end in seconds, MIDI pitch; by start, then by pitch.

    Raises:
        UserError: if the file cannot be read or is none of MIDI, or counts time in SMPTE frames.
    """
    try:
        ticks, events = _parse(Path(path).read_bytes())
    except OSError as error:
        raise UserError(f"cannot read the notes {path}: {error.strerror}") from error
    except (_NotMidi, IndexError, struct.error) as error:
        raise UserError(f"{path} is no MIDI file with tempi in quarter notes: export it anew") from error
    rows = [(start, end, pitch) for start, end, pitch in _notes(events)]
    notes = np.array(sorted(rows, key=lambda row: (row[0], row[2])), np.float64).reshape(-1, 3)
    notes[:, :2] = _seconds(notes[:, :2], events, ticks)
    return notes


class _NotMidi(Exception):
    """The bytes are not what they should be."""


@dataclasses.dataclass
class _Reader:
    """Bytes of a track, read from the left."""

    data: bytes
    position: int = 0

    def take(self, count: int) -> bytes:
        taken = self.data[self.position : self.position + count]
        self.position += count
        if len(taken) < count:
            raise _NotMidi
        return taken

    def number(self) -> int:
        """A variable-length quantity: seven bits a byte, the highest bit set on all but the last."""
        value = 0
        while True:
            byte = self.take(1)[0]
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value


def _parse(data: bytes) -> tuple[int, list[Event]]:
    """Ticks of a quarter note, and the events of all tracks in order of time."""
    mark, size, form, tracks, ticks = _HEADER.unpack_from(data)
    if mark != b"MThd" or form > 1 or not 0 < ticks < 0x8000:
        raise _NotMidi
    chunks, events = _Reader(data, 8 + size), []
    while tracks:
        kind, length = struct.unpack(">4sI", chunks.take(8))
        body = chunks.take(length)
        if kind == b"MTrk":  # Other kinds are to be passed over.
            events += list(_events(_Reader(body)))
            tracks -= 1
    return ticks, sorted(events, key=lambda event: event[0])


def _events(track: _Reader) -> Iterator[Event]:
    """Channel events, changes of tempo, and the end of a track (an empty note-off of channel 10)."""
    tick, status = 0, 0
    while track.position < len(track.data):
        tick += track.number()
        if track.data[track.position] >= 0x80:
            status = track.take(1)[0]
        if status == _META:
            kind = track.take(1)[0]
            body = track.take(track.number())
            yield (tick, _TEMPO if kind == _TEMPO else _META, body)
        elif status in _SYSTEM_EXCLUSIVE:
            track.take(track.number())
        elif status >= _NOTE_OFF:
            yield (tick, status, track.take(1 if status & 0xF0 in _ONE_BYTE else 2))
        else:
            raise _NotMidi


def _notes(events: list[Event]) -> Iterator[tuple[int, int, int]]:
    """(start, end, pitch), in ticks; of two equal notes on a channel the earlier is released first."""
    sounding: dict[tuple[int, int], list[int]] = defaultdict(list)
    for tick, status, data in events:
        kind, channel = status & 0xF0, status & 0x0F
        if kind not in (_NOTE_OFF, _NOTE_ON) or channel == _DRUMS:
            continue
        started = sounding[channel, data[0]]
        if kind == _NOTE_ON and data[1]:
            started.append(tick)
        elif started:
            yield started.pop(0), tick, data[0]
    for (_, pitch), starts in sounding.items():
        yield from ((start, events[-1][0], pitch) for start in starts)


def _seconds(ticks: np.ndarray, events: list[Event], quarter: int) -> np.ndarray:
    """Seconds of ticks: the tempo map is piecewise linear."""
    changes = {0: _DEFAULT_TEMPO} | {
        tick: int.from_bytes(data, "big") for tick, kind, data in events if kind == _TEMPO
    }
    starts, tempi = np.array(list(changes)), np.array(list(changes.values())) / 1e6 / quarter
    passed = np.concatenate([[0.0], np.cumsum(np.diff(starts) * tempi[:-1])])
    index = np.searchsorted(starts, ticks, side="right") - 1
    return passed[index] + (ticks - starts[index]) * tempi[index]
