"""Songs that are decoded while batches are made: nothing is written, and memory holds few segments."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import os
from collections import deque
from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from pipelines import console
from pipelines.data.corpus import Corpus, Cut
from pipelines.data.schema import SongRecord
from pipelines.data.segment_decoder import Recording, SegmentDecoder
from pipelines.data.shards import segment_starts
from pipelines.errors import UserError

_MOST_READERS = 8
"""One for each core up to this, since decoding is what takes the time; the order does not depend on them."""
_SPARE = 16
"""Records that are remembered, for when a song can no longer be read."""


@dataclasses.dataclass(frozen=True)
class CompressedCorpus(Corpus):
    """Two folders of songs, with the manifest that `prepare` would have written.

    A record is "N K": segment K of recording N.

    Attributes:
        recordings: by the name that the recording's shard would have.
    """

    recordings: Mapping[str, Recording]

    @property
    def travels(self) -> bool:
        """False: songs are decoded by Python functions of this process."""
        return False

    def address(self, song: SongRecord) -> bytes:
        """The number of the song's recording."""
        return str(self._numbers[song.shard]).encode()

    def records(self, address: bytes | tf.Tensor) -> tf.data.Dataset:
        """The names of a recording's segments; nothing is decoded."""
        starts = [len(segment_starts(item.samples, self.manifest.settings)) for item in self._listed]
        count = tf.gather(tf.constant(starts, tf.int64), tf.strings.to_number(address, tf.int64))
        return tf.data.Dataset.range(count).map(
            lambda number: tf.strings.join([address, tf.strings.as_string(number)], " ")
        )

    def parse(self, record: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """One segment, decoded: see `Corpus.parse`."""

        def decode(name: bytes) -> tuple[np.ndarray, np.int64]:
            pcm, valid = self._decoder(*map(int, name.split()))
            return pcm, np.int64(valid)

        pcm, valid = tf.numpy_function(decode, [record], (tf.int16, tf.int64))
        return tf.ensure_shape(pcm, [self.manifest.settings.segment_samples]), tf.ensure_shape(valid, [])

    def mapped(self, records: tf.data.Dataset, cut: Cut, workers: int) -> tf.data.Dataset:
        """Numbered records, each decoded and cut: see `Corpus.mapped`.

        A song that can no longer be read is reported once; in its place is read what was read before.
        """
        return super().mapped(
            records, self._of_readable(cut), max(workers, min(os.cpu_count() or 1, _MOST_READERS))
        )

    def read(self, song: SongRecord, first: int = 0, count: int = -1) -> list[tuple[np.ndarray, int]]:
        """Segments of a song, decoded eagerly: see `Corpus.read`.

        Raises:
            UserError: if the file can no longer be read.
        """
        recording = self.recordings[song.shard]
        if trouble := recording.trouble():
            raise UserError(f"{recording.path} {trouble}")
        start = song.first + first
        segments = recording.segments(self.manifest.settings)
        return list(itertools.islice(segments, start, start + self.wanted(song, first, count)))

    @functools.cached_property
    def _decoder(self) -> SegmentDecoder:
        return SegmentDecoder(self._listed, self.manifest.settings)

    @functools.cached_property
    def _listed(self) -> tuple[Recording, ...]:
        return tuple(self.recordings.values())

    @functools.cached_property
    def _numbers(self) -> dict[str, int]:
        return {shard: number for number, shard in enumerate(self.recordings)}

    @functools.cached_property
    def _reported(self) -> set[int]:
        return set()

    def _of_readable(self, cut: Cut) -> Cut:
        """`cut` of records that can be read."""
        recent: deque[np.ndarray] = deque(maxlen=_SPARE)

        def readable(records: np.ndarray) -> np.ndarray:
            if self._is_readable(records):
                recent.append(records)
                return records
            return next((spare for spare in reversed(tuple(recent)) if self._is_readable(spare)), records)

        def of_readable(index: tf.Tensor, records: tf.Tensor) -> dict[str, tf.Tensor]:
            found = tf.numpy_function(readable, [records], tf.string)
            return cut(index, tf.ensure_shape(found, records.shape))

        return of_readable

    def _is_readable(self, records: np.ndarray) -> bool:
        """True if the song is as it was when it was measured; if not, reports it once."""
        recording = self._listed[number := int(records[0].split()[0])]
        trouble = recording.trouble()
        if trouble is not None and number not in self._reported:
            self._reported.add(number)
            console.say(f"{recording.path} {trouble}; the other songs go on")
        return trouble is None
