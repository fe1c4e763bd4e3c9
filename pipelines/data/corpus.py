"""Corpus: reader of a prepared data folder (manifest, audio spec and shards)."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tensorflow as tf

from pipelines.audio.spec import AudioSpec
from pipelines.data import augmentation, batching
from pipelines.data.config import TrainableModel
from pipelines.data.feature_cache import FrameFeatures
from pipelines.data.schema import DOMAINS, Manifest, SongRecord, parse_segment
from pipelines.errors import UserError

__all__ = ["DOMAINS", "Corpus"]

CropRecords = Callable[[tf.Tensor, tf.Tensor], dict[str, tf.Tensor]]
"""Function from the number of an element (int64 scalar) and its records (string [1] or [2]) to a crop."""


@dataclasses.dataclass(frozen=True)
class Corpus:
    """Reader of the data folder that `prepare` wrote.

    Attributes:
        folder: the data folder.
        manifest: its settings, its songs and the files that were skipped.
    """

    folder: Path
    manifest: Manifest

    @classmethod
    def load(cls, folder: str | Path) -> Corpus:
        """Opens a data folder; `loader.open_corpus` also opens two folders of songs.

        Raises:
            UserError: if it is no data folder, is unfinished, or lacks a shard.
        """
        corpus = cls(Path(folder), Manifest.load(Path(folder)))
        for domain in corpus.manifest.domains.values():
            for song in (*domain.songs, *domain.copies):
                if not (corpus.folder / song.shard).is_file():
                    raise UserError(f"{corpus.folder / song.shard} is missing: run `coverband prepare` again")
        return corpus

    @property
    def spec(self) -> AudioSpec:
        """Audio spec of the songs."""
        return self.manifest.settings.spec

    @property
    def segment_frames(self) -> int:
        """Length of a segment, and of the longest crop, in frames."""
        return self.manifest.settings.segment_frames

    @property
    def is_serialisable(self) -> bool:
        """True if a dataset of the corpus can be serialised and run in another process."""
        return True

    def songs(self, domain: str, split: str, *, augmented_copies: bool = False) -> tuple[SongRecord, ...]:
        """Songs of a split; those of train where a domain is too small to have that split.

        Args:
            domain: "content" or "band".
            split: train, valid or test.
            augmented_copies: true to add the augmented copies of the training songs, if `split` is train.
        """
        found = self.manifest.domains[domain]
        chosen = tuple(song for song in found.songs if song.split == split)
        if split == "train" and augmented_copies:
            return chosen + found.copies
        return chosen or tuple(song for song in found.songs if song.split == "train")

    def batches(
        self,
        model: TrainableModel,
        *,
        seed: int = 0,
        first_step: int = 0,
        split: str = "train",
        frame_features: FrameFeatures | None = None,
    ) -> tf.data.Dataset:
        """Endless batches of augmented log-mel crops for `model.fit`; see `batching.unpaired_batches`.

        Args:
            model: its `config.data` gives the length of a crop, the batch size and the augmentation.
            seed: seed of the order, of all crops and of their augmentation.
            first_step: step of the first batch.
            split: train, valid or test.
            frame_features: precomputed features of every frame.

        Returns:
            A dataset of {"content", "band"}: float32 [batch_size, frames, n_mels, 1]; with frame features
            also "content/NAME" and "band/NAME": float32 [batch_size, frames, width].

        Raises:
            UserError: if the segments are shorter than a crop.
        """
        data = model.config.data
        return batching.unpaired_batches(
            self,
            frames=data.frames,
            batch_size=data.batch_size,
            seed=seed,
            first_step=first_step,
            split=split,
            frame_features=frame_features,
            augment=augmentation.from_config(data.augment, data.frames, self.spec.n_mels),
        )

    def address(self, song: SongRecord) -> str | bytes:
        """Address of a song's records, for `records`: the absolute path of its shard."""
        return os.fsencode((self.folder / song.shard).absolute())

    def records(self, address: str | bytes | tf.Tensor) -> tf.data.Dataset:
        """Records of a shard, one for each segment: string scalars."""
        return tf.data.TFRecordDataset(address)

    def parse(self, record: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Segment of a record: int16 [segment_samples], and its samples before the padding (int64 scalar)."""
        return parse_segment(record, self.manifest.settings.segment_samples)

    def map_records(self, records: tf.data.Dataset, crop: CropRecords, workers: int) -> tf.data.Dataset:
        """Crops of numbered records, in the same order.

        Args:
            records: dataset of an int64 scalar and string [1] or [2], see `unpaired_batches`.
            crop: function that is mapped over the dataset.
            workers: number of elements that are cropped in parallel.
        """
        return records.map(crop, num_parallel_calls=workers, deterministic=True)

    def read(self, song: SongRecord, first: int = 0, count: int = -1) -> list[tuple[np.ndarray, int]]:
        """Segments of a song as `parse` returns them, eagerly.

        Args:
            song: of either domain.
            first: number of the first segment within the song.
            count: largest number of segments; -1 for all from `first` on.
        """
        rest = max(song.segments - first, 0)
        return self._read_segments(song, song.first + first, rest if count < 0 else min(count, rest))

    def _read_segments(self, song: SongRecord, first: int, count: int) -> list[tuple[np.ndarray, int]]:
        """Segments of a song by their number within its shard."""
        records = self.records(self.address(song)).skip(first).take(count)
        return [(pcm.numpy(), int(valid)) for pcm, valid in map(self.parse, records)]

    def require_frames(self, frames: int) -> None:
        """Checks that crops fit into a segment.

        Raises:
            UserError: if they are longer, or empty.
        """
        if not 0 < frames <= self.segment_frames:
            raise UserError(
                f"crops of {frames} frames cannot be cut from {self.folder}: use 1 to {self.segment_frames}"
            )
