"""Reading and writing of notes in standard MIDI files, with times in seconds."""

from __future__ import annotations

import dataclasses
import operator
import struct
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from pipelines import outputs
from pipelines.errors import UserError

_DRUMS = 9  # Channel 10, counted from 0.
_NOTE_OFF, _NOTE_ON = 0x80, 0x90
_ONE_BYTE = (0xC0, 0xD0)  # Program changes and channel pressure.
_META, _SYSTEM_EXCLUSIVE, _TEMPO = 0xFF, (0xF0, 0xF7), 0x51
_HEADER = struct.Struct(">4sIHHH")
_QUARTER = 480  # Ticks of a quarter note in files that are written here.
_VELOCITY = 80
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


def write_performance(
    path: str | Path,
    notes: np.ndarray,
    drums: np.ndarray,
    *,
    velocities: np.ndarray | None = None,
    beats: Sequence[float] | np.ndarray = (),
) -> None:
    """Writes a MIDI file (SMF 1.0, format 0) that `read_performance` reads.

    Args:
        path: of the file.
        notes: float [notes, 3]: start and end in seconds, MIDI pitch.
        drums: float [strokes, 3], likewise, with keys of General MIDI's drum kits.
        velocities: of the notes, [notes], 1 to 127; None for 80, which that of strokes always is.
        beats: increasing times in seconds of beats, which become quarter notes of a tempo map; with fewer
            than two, all quarter notes last half a second.

    Raises:
        UserError: if the file cannot be written.
    """
    tempi = _TempoMap(beats)
    loud = [_VELOCITY] * len(notes) if velocities is None else [int(each) for each in velocities]
    rows = [
        (*row, channel, velocity)
        for channel, table, each in ((0, notes, loud), (_DRUMS, drums, [_VELOCITY] * len(drums)))
        for row, velocity in zip(table.tolist(), each, strict=True)
    ]
    starts: list[tuple[int, ...]] = [
        (tempi.tick(start), _NOTE_ON | channel, int(pitch), velocity)
        for start, _, pitch, channel, velocity in rows
    ]
    # At least one tick: a note-off at the tick of its note-on would precede it.
    stops: list[tuple[int, ...]] = [
        (max(tempi.tick(end), tick + 1), _NOTE_OFF | channel, key, 0)
        for (_, end, _, channel, _), (tick, _, key, _) in zip(rows, starts, strict=True)
    ]
    # Tempi precede note-offs, and those note-ons, of the same tick, because the sort is stable.
    events = sorted(tempi.events() + stops + starts, key=operator.itemgetter(0))
    track, now = bytearray(), 0
    for tick, *message in events:
        track += _quantity(tick - now) + bytes(message)
        now = tick
    track += b"\x00\xff\x2f\x00"
    header = _HEADER.pack(b"MThd", 6, 0, 1, _QUARTER)
    try:
        with outputs.whole(Path(path)) as unfinished:
            unfinished.write_bytes(header + struct.pack(">4sI", b"MTrk", len(track)) + track)
    except OSError as error:
        raise UserError(f"cannot write the notes {path}: {error.strerror}") from error


class _TempoMap:
    """Tempo map in which every beat begins a quarter note; the first quarter note begins at 0 s."""

    def __init__(self, beats: Sequence[float] | np.ndarray) -> None:
        if len(beats) > 2 and 0 < beats[0] < (beats[1] - beats[0]) / 2:
            beats = beats[1:]  # What precedes it is too short for a quarter note.
        if len(beats) < 2:
            beats = (0.0, _DEFAULT_TEMPO / 1e6)
        first, second = beats[:2]
        # The time before the first beat is as many quarter notes as come nearest to the first two beats'.
        before = max(round(first / (second - first)), 1) if first > 0 else 0
        self._seconds = np.array([0.0, *beats] if before else beats, np.float64)
        self._quarters = np.cumsum([0, *([before] if before else []), *[1] * (len(beats) - 1)])
        tempi = np.diff(self._seconds) / np.diff(self._quarters)
        self._tempi = np.append(tempi, tempi[-1])

    def tick(self, second: float) -> int:
        """Tick of a time; the tempo after the last beat is that before it."""
        i = max(int(np.searchsorted(self._seconds, second, side="right")) - 1, 0)
        quarters = self._quarters[i] + (second - self._seconds[i]) / self._tempi[i]
        return round(_QUARTER * quarters)

    def events(self) -> list[tuple[int, ...]]:
        """Ticks of the changes of tempo, each with the bytes of its meta event."""
        lengths = [round(1e6 * tempo) for tempo in self._tempi]
        return [
            (_QUARTER * int(quarter), _META, _TEMPO, 3, *length.to_bytes(3, "big"))
            for quarter, length, former in zip(self._quarters, lengths, [0, *lengths], strict=False)
            if length != former
        ]


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
