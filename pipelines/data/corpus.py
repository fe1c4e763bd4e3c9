"""A prepared data folder, opened: its manifest, its spec, and its shards."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tensorflow as tf

from pipelines.audio.spec import AudioSpec
from pipelines.data.schema import DOMAINS, Manifest, SongRecord, parse_segment
from pipelines.errors import UserError

__all__ = ["DOMAINS", "Corpus"]

Cut = Callable[[tf.Tensor, tf.Tensor], dict[str, tf.Tensor]]


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
        """Opens a data folder; see `opening.open_corpus`, too.

        Raises:
            UserError: if it is none, is unfinished, or lacks a shard.
        """
        corpus = cls(Path(folder), Manifest.load(Path(folder)))
        for domain in corpus.manifest.domains.values():
            for song in (*domain.songs, *domain.variants):
                if not (corpus.folder / song.shard).is_file():
                    raise UserError(f"{corpus.folder / song.shard} is missing: run `coverband prepare` again")
        return corpus

    @property
    def spec(self) -> AudioSpec:
        """The spec of its waveforms."""
        return self.manifest.settings.spec

    @property
    def segment_frames(self) -> int:
        """The longest crop, in frames."""
        return self.manifest.settings.segment_frames

    @property
    def travels(self) -> bool:
        """True if a graph that reads the corpus can run in another process."""
        return True

    def songs(self, domain: str, split: str, *, variants: bool = False) -> tuple[SongRecord, ...]:
        """The songs of a split; those of train where a domain is too small to have that split.

        Args:
            domain: "content" or "band".
            split: train, valid or test.
            variants: those of train come with what `prepare` made of them (see `variants`).
        """
        found = self.manifest.domains[domain]
        chosen = tuple(song for song in found.songs if song.split == split)
        if split == "train" and variants:
            return chosen + found.variants
        return chosen or tuple(song for song in found.songs if song.split == "train")

    def address(self, song: SongRecord) -> str | bytes:
        """Address of a song's records, for `records`: the absolute path of its shard."""
        return os.fsencode((self.folder / song.shard).absolute())

    def records(self, address: str | bytes | tf.Tensor) -> tf.data.Dataset:
        """One record for each segment of a song, string scalars."""
        return tf.data.TFRecordDataset(address)

    def parse(self, record: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """One record: int16 [segment_samples], and its samples before the padding (int64 scalar)."""
        return parse_segment(record, self.manifest.settings.segment_samples)

    def cut(
        self, record: tf.Tensor, count: int, place: Callable[[tf.Tensor], tf.Tensor]
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Some samples of a segment.

        Args:
            record: string scalar.
            count: how many samples.
            place: of the first one, int64 scalar, told the number of samples before the padding.

        Returns:
            int16 [count], and what `place` said.
        """
        pcm, valid = self.parse(record)
        start = place(valid)
        return tf.ensure_shape(pcm[start : start + count], [count]), start

    def mapped(self, records: tf.data.Dataset, cut: Cut, workers: int) -> tf.data.Dataset:
        """Numbered records, each cut, in the same order.

        Args:
            records: of an int64 scalar and string [1] or [2], see `unpaired_batches`.
            cut: what to make of both.
            workers: how many are cut at the same time.
        """
        return records.map(cut, num_parallel_calls=workers, deterministic=True)

    def read(self, song: SongRecord, first: int = 0, count: int = -1) -> list[tuple[np.ndarray, int]]:
        """Segments of a song as `parse` gives them, eagerly; -1 for all of the rest."""
        records = (
            self.records(self.address(song)).skip(song.first + first).take(self.wanted(song, first, count))
        )
        return [(pcm.numpy(), int(valid)) for pcm, valid in map(self.parse, records)]

    @staticmethod
    def wanted(song: SongRecord, first: int, count: int) -> int:
        """Number of segments from the song's segment `first` on, at most `count`; -1 for all of the rest."""
        rest = max(song.segments - first, 0)
        return rest if count < 0 else min(count, rest)

    def require_frames(self, frames: int) -> None:
        """Refuses crops longer than a segment.

        Raises:
            UserError: naming both lengths.
        """
        if not 0 < frames <= self.segment_frames:
            raise UserError(
                f"crops of {frames} frames cannot be cut from {self.folder}: use 1 to {self.segment_frames}"
            )
