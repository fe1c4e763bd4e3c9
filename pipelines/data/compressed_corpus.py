"""Corpus of songs that are decoded while batches are read: nothing is written, and few segments are held."""

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
from pipelines.data.corpus import Corpus, CropRecords
from pipelines.data.schema import SongRecord
from pipelines.data.segment_decoder import Recording, SegmentDecoder
from pipelines.data.shards import segment_starts
from pipelines.errors import UserError

_MAX_DECODERS = 8
"""Upper limit of parallel decoders, one per core: decoding dominates. The order does not depend on it."""
_SUBSTITUTES = 16
"""Recent records that replace those of a song that can no longer be read."""


@dataclasses.dataclass(frozen=True)
class CompressedCorpus(Corpus):
    """Two folders of songs, with the manifest that `prepare` would write.

    A record is "N K": segment K of recording N.

    Attributes:
        recordings: by the name that the recording's shard would have.
    """

    recordings: Mapping[str, Recording]

    @property
    def is_serialisable(self) -> bool:
        """False: songs are decoded by Python functions of this process."""
        return False

    def address(self, song: SongRecord) -> bytes:
        """Number of the song's recording."""
        return str(self._numbers[song.shard]).encode()

    def records(self, address: bytes | tf.Tensor) -> tf.data.Dataset:
        """Records of a recording's segments; nothing is decoded."""
        starts = [len(segment_starts(item.samples, self.manifest.settings)) for item in self._listed]
        count = tf.gather(tf.constant(starts, tf.int64), tf.strings.to_number(address, tf.int64))
        return tf.data.Dataset.range(count).map(
            lambda number: tf.strings.join([address, tf.strings.as_string(number)], " ")
        )

    def parse(self, record: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Segment of a record, decoded; see `Corpus.parse`."""

        def decode(name: bytes) -> tuple[np.ndarray, np.int64]:
            pcm, valid = self._decoder(*map(int, name.split()))
            return pcm, np.int64(valid)

        pcm, valid = tf.numpy_function(decode, [record], (tf.int16, tf.int64))
        return tf.ensure_shape(pcm, [self.manifest.settings.segment_samples]), tf.ensure_shape(valid, [])

    def map_records(self, records: tf.data.Dataset, crop: CropRecords, workers: int) -> tf.data.Dataset:
        """Crops of numbered records, in the same order; see `Corpus.map_records`.

        A song that can no longer be read is reported once, and an earlier record takes its place.
        """
        workers = max(workers, min(os.cpu_count() or 1, _MAX_DECODERS))
        return super().map_records(records, self._with_substitutes(crop), workers)

    def _read_segments(self, song: SongRecord, first: int, count: int) -> list[tuple[np.ndarray, int]]:
        """Segments of a song by their number within its recording.

        Raises:
            UserError: if the file can no longer be read.
        """
        recording = self.recordings[song.shard]
        if error := recording.read_error():
            raise UserError(f"{recording.path} {error}")
        segments = recording.segments(self.manifest.settings)
        return list(itertools.islice(segments, first, first + count))

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

    def _with_substitutes(self, crop: CropRecords) -> CropRecords:
        """`crop` with a substitute for records that can no longer be read."""
        recent: deque[np.ndarray] = deque(maxlen=_SUBSTITUTES)

        def substitute(records: np.ndarray) -> np.ndarray:
            if self._is_readable(records):
                recent.append(records)
                return records
            return next((spare for spare in reversed(tuple(recent)) if self._is_readable(spare)), records)

        def crop_readable(index: tf.Tensor, records: tf.Tensor) -> dict[str, tf.Tensor]:
            found = tf.numpy_function(substitute, [records], tf.string)
            return crop(index, tf.ensure_shape(found, records.shape))

        return crop_readable

    def _is_readable(self, records: np.ndarray) -> bool:
        """True if the song's file is the one that was measured; if not, reports it once."""
        recording = self._listed[number := int(records[0].split()[0])]
        error = recording.read_error()
        if error is not None and number not in self._reported:
            self._reported.add(number)
            console.say(f"{recording.path} {error}; the other songs go on")
        return error is None
