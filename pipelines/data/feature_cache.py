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
class FrameFeatures:
    """Precomputed features of every frame, for features that are too expensive to compute in every step.

    Attributes:
        name: batches contain them as "content/NAME" and "band/NAME".
        folder: of their shards, which have the names and the number of records of the data folder's.
        width: number of features of a frame.
    """

    name: str
    folder: Path
    width: int

    def path(self, song: SongRecord) -> Path:
        """Shard of a song's features."""
        return self.folder / song.shard

    def address(self, song: SongRecord) -> bytes:
        """Absolute path of a song's shard, for `tf.data`."""
        return os.fsencode(self.path(song).absolute())

    def write(self, song: SongRecord, segments: Iterable[np.ndarray]) -> None:
        """Writes the shard of a song atomically.

        Args:
            song: of the data folder.
            segments: features of each segment, float [segment_frames, width]; stored as float16.

        Raises:
            OSError: if the folder cannot be written, or the disk is full.
        """
        path = self.path(song)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_records(path, (segment.astype("<f2").tobytes() for segment in segments))

    def parse(self, serialised: tf.Tensor) -> tf.Tensor:
        """Features of a serialised segment, in the graph: float32 [segment_frames, width]."""
        values = tf.io.decode_raw(serialised, tf.float16, little_endian=True)
        return tf.cast(tf.reshape(values, [-1, self.width]), tf.float32)
