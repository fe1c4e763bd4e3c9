"""Decoder of single segments of songs, fast if they are requested nearly in order."""

from __future__ import annotations

import collections
import dataclasses
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from pipelines.data import normalisation
from pipelines.data.schema import Settings
from pipelines.data.shards import segment_starts

Segment = tuple[np.ndarray, int]
"""int16 [segment_samples], and the number of samples before the padding."""

_MAX_LAG = 64
"""Segments by which an open decoder may lag behind a request: the length of a shuffled block."""
_MAX_CACHED = 192
"""Decoded segments that are cached because a later one was requested first: 101 MB at the default spec."""
_MAX_OPEN = 128
"""Open decoders: as many songs as are shuffled at once, where songs are short."""
_BLOCK_SECONDS = 1.0
"""Length of the blocks in which a song is decoded."""


@dataclasses.dataclass(frozen=True)
class Recording:
    """Song file with the measurements that its decoding requires.

    Attributes:
        path: the file.
        samples: length of the song at the corpus's rate.
        gain: linear factor that brings it to the target loudness.
        file_state: size and time of the file when it was measured.
    """

    path: Path
    samples: int
    gain: float
    file_state: tuple[int, int]

    def read_error(self) -> str | None:
        """Reason why the file can no longer be read, a clause that follows its name; None if it can."""
        try:
            stat = self.path.stat()
        except OSError:
            return "is gone: it was moved or removed meanwhile"
        same = (stat.st_size, stat.st_mtime_ns) == self.file_state
        return None if same else "was changed meanwhile: it takes part again when the run is resumed"

    def segments(self, settings: Settings) -> Iterator[Segment]:
        """Decodes the song from its start.

        Yields:
            Segments in order, equal to those that `prepare` writes.
        """
        size, rate = settings.segment_samples, settings.spec.sample_rate
        blocks = normalisation.mono(self.path, rate, _BLOCK_SECONDS)
        buffer, offset = np.zeros(0, "<i2"), 0
        for start in segment_starts(self.samples, settings):
            parts = [buffer[start - offset :]]
            while sum(map(len, parts)) < size and (block := next(blocks, None)) is not None:
                parts.append(normalisation.to_pcm(block, self.gain))
            buffer, offset = np.concatenate(parts), start
            segment = buffer[:size]
            yield np.pad(segment, (0, size - len(segment))), len(segment)


@dataclasses.dataclass
class _OpenDecoder:
    """Decoder of a recording, whose next segment is `segment`."""

    recording: int
    segment: int
    segments: Iterator[Segment]


class SegmentDecoder:
    """Thread-safe decoder of any segment of any recording.

    It is fast if each segment is requested once, nearly in order. Files are decoded from their start, because
    seeking is inexact for some codecs: the samples of a segment do not depend on earlier requests.
    """

    def __init__(self, recordings: Sequence[Recording], settings: Settings) -> None:
        """Creates a decoder; files are opened on request.

        Args:
            recordings: a recording's index is its number.
            settings: of the corpus.
        """
        self._recordings, self._settings = recordings, settings
        self._locks = [threading.Lock() for _ in recordings]
        self._open: list[_OpenDecoder] = []
        self._cache: collections.OrderedDict[tuple[int, int], Segment] = collections.OrderedDict()
        self._state_lock = threading.Lock()

    def __call__(self, recording: int, segment: int) -> Segment:
        """Decodes a segment.

        Args:
            recording: its number.
            segment: the segment's number within it.

        Raises:
            UserError: if the file cannot be read.
        """
        with self._locks[recording]:
            with self._state_lock:
                cached = self._cache.pop((recording, segment), None)
                decoder = None if cached else self._take_nearest(recording, segment)
            return cached or self._decode(decoder or self._start(recording), segment)

    def _take_nearest(self, recording: int, segment: int) -> _OpenDecoder | None:
        """Removes and returns the open decoder that is nearest before a segment; None if there is none."""
        near = [
            decoder
            for decoder in self._open
            if decoder.recording == recording and 0 <= segment - decoder.segment < _MAX_LAG
        ]
        if not near:
            return None
        found = max(near, key=lambda decoder: decoder.segment)
        self._open.remove(found)
        return found

    def _start(self, recording: int) -> _OpenDecoder:
        return _OpenDecoder(recording, 0, self._recordings[recording].segments(self._settings))

    def _decode(self, decoder: _OpenDecoder, target: int) -> Segment:
        """Decodes up to a segment, and caches those before it that may be requested later."""
        count = len(segment_starts(self._recordings[decoder.recording].samples, self._settings))
        for found in decoder.segments:
            number, decoder.segment = decoder.segment, decoder.segment + 1
            if number == target:
                if decoder.segment < count:
                    with self._state_lock:
                        self._open.append(decoder)
                        del self._open[:-_MAX_OPEN]
                return found
            if target - number < _MAX_LAG:
                with self._state_lock:
                    self._cache[decoder.recording, number] = found
                    while len(self._cache) > _MAX_CACHED:
                        self._cache.popitem(last=False)
        raise IndexError(f"{self._recordings[decoder.recording].path} has no segment {target}")
