"""Reading and writing of notes in standard MIDI files, with times in seconds."""

from __future__ import annotations

import dataclasses
import struct
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipelines import outputs
from pipelines.errors import UserError

_DRUMS = 9  # Channel 10, counted from 0.
_NOTE_OFF, _NOTE_ON = 0x80, 0x90
_ONE_BYTE = (0xC0, 0xD0)  # Program changes and channel pressure.
_META, _SYSTEM_EXCLUSIVE, _TEMPO = 0xFF, (0xF0, 0xF7), 0x51
_HEADER = struct.Struct(">4sIHHH")
_TICKS = 960  # A second, in files that are written here: at the default tempo 480 a quarter note.
_DEFAULT_TEMPO = 500_000  # Microseconds a quarter note: 120 a minute.

Event = tuple[int, int, bytes]
"""Tick, status byte (for the meta event of tempo its type, _TEMPO), data."""


def read_notes(path: str | Path) -> np.ndarray:
    """Reads the pitched notes of a MIDI file (SMF 1.0, format 0 or 1), without drums (channel 10).

    A note without note-off lasts until the last event of the file.

    Args:
        path: of the file.

    Returns:
        float64 [notes, 3]: start and end in seconds, MIDI pitch; sorted by start, then by pitch.

    Raises:
        UserError: if the file cannot be read, is not a MIDI file, or has SMPTE time codes.
    """
    return read_performance(path)[0]


def read_performance(path: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """Reads the pitched notes of a MIDI file and its drums.

    Args:
        path: of the file.

    Returns:
        Notes, see `read_notes`, and drums, likewise with General MIDI keys instead of pitches.

    Raises:
        UserError: see `read_notes`.
    """
    try:
        ticks, events = _parse(Path(path).read_bytes())
    except OSError as error:
        raise UserError(f"cannot read the notes {path}: {error.strerror}") from error
    except (_NotMidi, IndexError, struct.error) as error:
        raise UserError(f"{path} is no MIDI file with tempi in quarter notes: export it anew") from error
    pitched = [event for event in events if not _is_drum(event)]
    drums = [event for event in events if _is_drum(event) or event is events[-1]]
    return _table(pitched, events, ticks), _table(drums, events, ticks)


def _is_drum(event: Event) -> bool:
    return event[1] & 0xF0 in (_NOTE_OFF, _NOTE_ON) and event[1] & 0x0F == _DRUMS


def _table(notes: list[Event], events: list[Event], ticks: int) -> np.ndarray:
    table = np.array(sorted(_notes(notes), key=lambda row: (row[0], row[2])), np.float64).reshape(-1, 3)
    table[:, :2] = _seconds(table[:, :2], events, ticks)
    return table


def write_performance(path: str | Path, notes: np.ndarray, drums: np.ndarray, velocity: int = 80) -> None:
    """Writes a MIDI file (SMF 1.0, format 0, a tick about a millisecond) that `read_performance` reads.

    Args:
        path: of the file.
        notes: float [notes, 3]: start and end in seconds, MIDI pitch.
        drums: float [strokes, 3], likewise, with keys of General MIDI's drum kits.
        velocity: of all notes and strokes.

    Raises:
        UserError: if the file cannot be written.
    """
    rows = [(*note, channel) for channel, table in ((0, notes), (_DRUMS, drums)) for note in table.tolist()]
    starts = [
        (round(start * _TICKS), _NOTE_ON | channel, int(pitch), velocity) for start, _, pitch, channel in rows
    ]
    # At least one tick: a note-off at the tick of its note-on would precede it.
    stops = [
        (max(round(end * _TICKS), tick + 1), _NOTE_OFF | channel, key, 0)
        for (_, end, _, channel), (tick, _, key, _) in zip(rows, starts, strict=True)
    ]
    # Note-offs precede note-ons of the same tick, because the sort is stable.
    events = sorted(stops + starts, key=lambda event: event[0])
    track, now = b"", 0
    for tick, *message in events:
        track += _quantity(tick - now) + bytes(message)
        now = tick
    track += b"\x00\xff\x2f\x00"
    header = _HEADER.pack(b"MThd", 6, 0, 1, _TICKS // 2)
    try:
        with outputs.whole(Path(path)) as unfinished:
            unfinished.write_bytes(header + struct.pack(">4sI", b"MTrk", len(track)) + track)
    except OSError as error:
        raise UserError(f"cannot write the notes {path}: {error.strerror}") from error


def _quantity(number: int) -> bytes:
    """A variable-length quantity: seven bits a byte, the highest bit set on all but the last."""
    parts = [number & 0x7F]
    while number := number >> 7:
        parts.append(number & 0x7F | 0x80)
    return bytes(reversed(parts))


class _NotMidi(Exception):
    """Error of bytes that are not a MIDI file."""


@dataclasses.dataclass
class _Reader:
    """Sequential reader of the bytes of a track."""

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
    """Ticks per quarter note, and the events of all tracks in order of time."""
    mark, size, form, tracks, ticks = _HEADER.unpack_from(data)
    if mark != b"MThd" or form > 1 or not 0 < ticks < 0x8000:
        raise _NotMidi
    chunks, events = _Reader(data, 8 + size), []
    while tracks:
        kind, length = struct.unpack(">4sI", chunks.take(8))
        body = chunks.take(length)
        if kind == b"MTrk":  # The standard requires readers to ignore other chunks.
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
    """Yields (start, end, pitch) in ticks; of two equal notes on a channel the earlier one ends first."""
    sounding: dict[tuple[int, int], list[int]] = defaultdict(list)
    for tick, status, data in events:
        kind, channel = status & 0xF0, status & 0x0F
        if kind not in (_NOTE_OFF, _NOTE_ON):
            continue
        started = sounding[channel, data[0]]
        if kind == _NOTE_ON and data[1]:
            started.append(tick)
        elif started:
            yield started.pop(0), tick, data[0]
    for (_, pitch), starts in sounding.items():
        yield from ((start, events[-1][0], pitch) for start in starts)


def _seconds(ticks: np.ndarray, events: list[Event], quarter: int) -> np.ndarray:
    """Converts ticks to seconds by the piecewise linear tempo map."""
    changes = {0: _DEFAULT_TEMPO} | {
        tick: int.from_bytes(data, "big") for tick, kind, data in events if kind == _TEMPO
    }
    starts, tempi = np.array(list(changes)), np.array(list(changes.values())) / 1e6 / quarter
    passed = np.concatenate([[0.0], np.cumsum(np.diff(starts) * tempi[:-1])])
    index = np.searchsorted(starts, ticks, side="right") - 1
    return passed[index] + (ticks - starts[index]) * tempi[index]
