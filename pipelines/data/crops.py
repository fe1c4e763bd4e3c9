"""Random crops of songs, with precomputed features of their frames."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import tensorflow as tf

from pipelines.audio.features import log_mel
from pipelines.data.feature_cache import FrameFeatures
from pipelines.data.schema import PCM_SCALE, SongRecord

if TYPE_CHECKING:  # `Corpus.batches` imports this module
    from pipelines.data.corpus import Corpus


@dataclasses.dataclass(frozen=True)
class CropSource:
    """Source of random crops: the songs of one split, optionally with features of their frames.

    Attributes:
        corpus: the data folder, or folders of songs.
        split: train, valid or test.
        frames: length of a crop.
        frame_features: precomputed features of every frame; None for none.
        waveforms: true if batches have the crops' samples instead of their log-mels.
        augmented_copies: true if crops are cut from augmented copies of training songs, too.
    """

    corpus: Corpus
    split: str
    frames: int
    frame_features: FrameFeatures | None
    waveforms: bool = False
    augmented_copies: bool = True

    def addresses(self, domain: str) -> list[list[str | bytes]]:
        """Addresses of every song's records and, if there are frame features, of those."""
        columns = [[self.corpus.address(song) for song in self._songs(domain)]]
        if self.frame_features is not None:
            columns.append([self.frame_features.address(song) for song in self._songs(domain)])
        return [list(row) for row in zip(*columns, strict=True)]

    def record_ranges(self, domain: str) -> list[tuple[int, int]]:
        """First record of every song in its shard, and number of its records."""
        return [(song.first, song.segments) for song in self._songs(domain)]

    def segment_count(self, domain: str) -> int:
        """Number of segments of all songs."""
        return sum(song.segments for song in self._songs(domain))

    def crop(self, records: tf.Tensor, seed: tf.Tensor) -> dict[str, tf.Tensor]:
        """Random crop of a segment; it contains padding only where a song is shorter than the crop.

        Args:
            records: string [1], or [2] with frame features.
            seed: int32 [2].

        Returns:
            "pcm": int16 [spec.span(frames)]; with frame features "frame_features": float32 [frames, width].
        """
        span, hop = self.corpus.spec.span(self.frames), self.corpus.spec.hop_length
        # Frame features exist at multiples of the hop only.
        grid = 1 if self.frame_features is None else hop
        segment, valid = self.corpus.parse(records[0])
        places = tf.maximum(valid - span, 0) // grid + 1
        start = grid * tf.random.stateless_uniform([], seed, maxval=places, dtype=tf.int64)
        crop = {"pcm": tf.ensure_shape(segment[start : start + span], [span])}
        if self.frame_features is not None:
            features = self.frame_features.parse(records[1])[start // hop : start // hop + self.frames]
            crop["frame_features"] = tf.ensure_shape(features, [self.frames, self.frame_features.width])
        return crop

    def batch_features(self, crops: dict[str, dict[str, tf.Tensor]]) -> dict[str, tf.Tensor]:
        """Batch for a model from batched crops of both domains; see `batching.unpaired_batches`."""
        batch = {}
        for domain, crop in crops.items():
            waveforms = tf.cast(crop["pcm"], tf.float32) / PCM_SCALE
            batch[domain] = (
                waveforms if self.waveforms else log_mel(self.corpus.spec, waveforms, center=False)
            )
            if self.frame_features is not None:
                batch[f"{domain}/{self.frame_features.name}"] = crop["frame_features"]
        return batch

    def _songs(self, domain: str) -> tuple[SongRecord, ...]:
        return self.corpus.songs(domain, self.split, augmented_copies=self.augmented_copies)
