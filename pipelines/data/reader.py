"""A prepared data folder, opened: its manifest, its spec, and its shards."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import tensorflow as tf

from pipelines.audio.spec import AudioSpec
from pipelines.data.schema import DOMAINS, Manifest, SongRecord, parse_segment
from pipelines.errors import UserError

__all__ = ["DOMAINS", "Corpus"]


@dataclasses.dataclass(frozen=True)
class Corpus:
    """What `prepare` wrote.

    Attributes:
        folder: the data folder.
        manifest: what is in it.
    """

    folder: Path
    manifest: Manifest

    @classmethod
    def load(cls, folder: str | Path) -> Corpus:
        """Opens a data folder.

        Raises:
            UserError: if it is not one, is unfinished, or lacks a shard.
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

    def parse(self, serialised: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """One record: int16 [segment_samples], and its samples before the padding (int64 scalar)."""
        return parse_segment(serialised, self.manifest.settings.segment_samples)

    def require_frames(self, frames: int) -> None:
        """Refuses crops longer than a segment.

        Raises:
            UserError: naming both lengths.
        """
        if not 0 < frames <= self.segment_frames:
            raise UserError(
                f"crops of {frames} frames cannot be cut from {self.folder}: use 1 to {self.segment_frames}"
            )
