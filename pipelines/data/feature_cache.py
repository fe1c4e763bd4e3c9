"""Feature cache: precomputed features of every frame of the training songs, in shards of their own."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import tensorflow as tf

from pipelines.data.schema import SongRecord
from pipelines.data.shards import write_records


@dataclasses.dataclass(frozen=True)
class Companion:
    """A feature that is too dear to be computed again in every step.

    Attributes:
        name: batches have it as "content/NAME" and "band/NAME".
        folder: where its shards lie, named as those of the data folder; a record for each of their records.
        width: numbers of a frame.
    """

    name: str
    folder: Path
    width: int

    def path(self, song: SongRecord) -> Path:
        """The shard of a song."""
        return self.folder / song.shard

    def address(self, song: SongRecord) -> bytes:
        """The shard of a song, wherever it is read from."""
        return os.fsencode(self.path(song).absolute())

    def write(self, song: SongRecord, segments: Iterable[np.ndarray]) -> None:
        """Writes the shard of a song, whole or not at all.

        Args:
            song: of the data folder.
            segments: of each of its segments, float [segment_frames, width]; kept as float16.

        Raises:
            OSError: if the folder cannot be written, or the disk is full.
        """
        path = self.path(song)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_records(path, (segment.astype("<f2").tobytes() for segment in segments))

    def parse(self, serialised: tf.Tensor) -> tf.Tensor:
        """One record, in the graph: float32 [segment_frames, width]."""
        values = tf.io.decode_raw(serialised, tf.float16, little_endian=True)
        return tf.cast(tf.reshape(values, [-1, self.width]), tf.float32)
