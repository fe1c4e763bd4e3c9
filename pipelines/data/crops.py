"""Random crops of songs, with what else is known of their frames."""

from __future__ import annotations

import dataclasses

import tensorflow as tf

from pipelines.audio.features import log_mel
from pipelines.data.corpus import Corpus
from pipelines.data.feature_cache import Companion
from pipelines.data.schema import PCM_SCALE, SongRecord


@dataclasses.dataclass(frozen=True)
class CropSource:
    """Source of random crops: the songs of one split, with precomputed features of their frames if wanted.

    Attributes:
        corpus: the data folder.
        split: train, valid or test.
        frames: length of a crop.
        companion: precomputed features of every frame; None for none.
        waveforms: true if batches have the crops' samples instead of their log-mels.
        variants: true if crops are cut from variants of training songs, too.
    """

    corpus: Corpus
    split: str
    frames: int
    companion: Companion | None
    waveforms: bool = False
    variants: bool = True

    def files(self, domain: str) -> list[list[str]]:
        """Of every song its shard and, if there is a companion, that one's."""
        songs = self._songs(domain)
        shards = [self.corpus.address(song) for song in songs]
        others = [] if self.companion is None else [[self.companion.address(song) for song in songs]]
        return [list(both) for both in zip(shards, *others, strict=True)]

    def ranges(self, domain: str) -> list[tuple[int, int]]:
        """The first record of every song in its shard, and how many it has."""
        return [(song.first, song.segments) for song in self._songs(domain)]

    def segments(self, domain: str) -> int:
        """Segments of all songs."""
        return sum(song.segments for song in self._songs(domain))

    def _songs(self, domain: str) -> tuple[SongRecord, ...]:
        return self.corpus.songs(domain, self.split, variants=self.variants)

    def crop(self, records: tf.Tensor, seed: tf.Tensor) -> dict[str, tf.Tensor]:
        """A random crop that reaches into the padding only where a song is shorter than the crop.

        Args:
            records: string [1], or [2] with a companion.
            seed: int32 [2].

        Returns:
            int16 "pcm" [span] and, if there is a companion, "companion" [frames, width].
        """
        span, hop = self.corpus.spec.span(self.frames), self.corpus.spec.hop_length
        # A companion knows frames, not samples.
        grid = 1 if self.companion is None else hop

        def place(valid: tf.Tensor) -> tf.Tensor:
            starts = tf.maximum(valid - span, 0) // grid + 1
            return grid * tf.random.stateless_uniform([], seed, maxval=starts, dtype=tf.int64)

        pcm, start = self.corpus.cut(records[0], span, place)
        crop = {"pcm": pcm}
        if self.companion is not None:
            known = self.companion.parse(records[1])[start // hop : start // hop + self.frames]
            crop["companion"] = tf.ensure_shape(known, [self.frames, self.companion.width])
        return crop

    def features(self, crops: dict[str, dict[str, tf.Tensor]]) -> dict[str, tf.Tensor]:
        """A whole batch of crops of both domains as it goes to the model."""
        batch = {}
        for domain, crop in crops.items():
            waveforms = tf.cast(crop["pcm"], tf.float32) / PCM_SCALE
            batch[domain] = (
                waveforms if self.waveforms else log_mel(self.corpus.spec, waveforms, center=False)
            )
            if self.companion is not None:
                batch[f"{domain}/{self.companion.name}"] = crop["companion"]
        return batch
