"""Decoding of single segments of songs, nearly in order, without decoding again what lies before them."""

from __future__ import annotations

import collections
import dataclasses
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from pipelines.data import normalise
from pipelines.data.schema import Settings
from pipelines.data.shards import segment_starts

Segment = tuple[np.ndarray, int]
"""int16 [segment_samples], and the number of samples before the padding."""

_NEAR = 64
"""Segments that a song's decoder may be behind: as many as are shuffled among each other."""
_MOST_KEPT = 192
"""Segments that wait because a later one was asked for first: 101 MB at the default spec."""
_MOST_OPEN = 128
"""Songs that are open at the same time: as many as are shuffled at once, where songs are short."""
_BLOCK_SECONDS = 1.0
"""Length of the pieces in which a song is decoded."""


@dataclasses.dataclass(frozen=True)
class Recording:
    """A song and what has to be known to decode it as `prepare` does.

    Attributes:
        path: the file.
        samples: of the song at the corpus's rate.
        gain: that brings it to the target loudness, a factor.
        state: size and time of the file when it was measured.
    """

    path: Path
    samples: int
    gain: float
    state: tuple[int, int]

    def trouble(self) -> str | None:
        """Why the file can no longer be read, in words that follow its name; None if it can."""
        try:
            stat = self.path.stat()
        except OSError:
            return "is gone: it was moved or removed meanwhile"
        same = (stat.st_size, stat.st_mtime_ns) == self.state
        return None if same else "was changed meanwhile: it takes part again when the run is resumed"

    def segments(self, settings: Settings) -> Iterator[Segment]:
        """Decodes the song from its start.

        Yields:
            Its segments in order, the same samples that `prepare` writes.
        """
        size, rate = settings.segment_samples, settings.spec.sample_rate
        pieces = normalise.mono(self.path, rate, _BLOCK_SECONDS)
        held, offset = np.zeros(0, "<i2"), 0
        for start in segment_starts(self.samples, settings):
            waiting = [held[start - offset :]]
            while sum(map(len, waiting)) < size and (piece := next(pieces, None)) is not None:
                waiting.append(normalise.to_pcm(piece, self.gain))
            held, offset = np.concatenate(waiting), start
            segment = held[:size]
            yield np.pad(segment, (0, size - len(segment))), len(segment)


@dataclasses.dataclass
class _Position:
    """A recording that is decoded up to, and without, a segment."""

    recording: int
    segment: int
    rest: Iterator[Segment]


class SegmentDecoder:
    """Decodes any segment of any recording, fast where each is asked for once, in nearly the right order.

    Files are decoded from their start: what lies at a sample does then not depend on a decoder's seeking,
    which for some codings is inexact. It may be called by several threads.
    """

    def __init__(self, recordings: Sequence[Recording], settings: Settings) -> None:
        """Opens nothing yet.

        Args:
            recordings: in the order of their numbers.
            settings: of the corpus.
        """
        self._recordings, self._settings = recordings, settings
        self._locks = [threading.Lock() for _ in recordings]
        self._open: list[_Position] = []
        self._kept: collections.OrderedDict[tuple[int, int], Segment] = collections.OrderedDict()
        self._lists = threading.Lock()

    def __call__(self, recording: int, segment: int) -> Segment:
        """Decodes a segment.

        Args:
            recording: its number.
            segment: the segment's number within it.

        Raises:
            UserError: if the file cannot be read.
        """
        with self._locks[recording]:
            with self._lists:
                kept = self._kept.pop((recording, segment), None)
                position = None if kept else self._near(recording, segment)
            return kept or self._decoded(position or self._start(recording), segment)

    def _near(self, recording: int, segment: int) -> _Position | None:
        """Takes the open position that is nearest before a segment, if there is one."""
        near = [p for p in self._open if p.recording == recording and 0 <= segment - p.segment < _NEAR]
        if not near:
            return None
        found = max(near, key=lambda position: position.segment)
        self._open.remove(found)
        return found

    def _start(self, recording: int) -> _Position:
        return _Position(recording, 0, self._recordings[recording].segments(self._settings))

    def _decoded(self, position: _Position, wanted: int) -> Segment:
        """Decodes up to the segment that is wanted, and keeps those before it that may be asked for."""
        count = len(segment_starts(self._recordings[position.recording].samples, self._settings))
        for found in position.rest:
            number, position.segment = position.segment, position.segment + 1
            if number == wanted:
                if position.segment < count:
                    with self._lists:
                        self._open.append(position)
                        del self._open[:-_MOST_OPEN]
                return found
            if wanted - number < _NEAR:
                with self._lists:
                    self._kept[position.recording, number] = found
                    while len(self._kept) > _MOST_KEPT:
                        self._kept.popitem(last=False)
        raise IndexError(f"{self._recordings[position.recording].path} has no segment {wanted}")
