"""Endless unpaired batches, in an order that is a pure function of (seed, step).

A resumed run therefore gets the batches of an uninterrupted one, and no iterator's state has to be saved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import tensorflow as tf

from pipelines.data.crops import CropSource
from pipelines.data.feature_cache import FrameFeatures
from pipelines.data.schema import DOMAINS

if TYPE_CHECKING:  # `Corpus.batches` imports this module
    from pipelines.data.corpus import Corpus

OPEN_SHARDS = 16
"""Songs that are interleaved."""

SHUFFLE_SEGMENTS = 64
"""Length of a shuffled block in segments: 33 MB at the default spec."""

_WORKERS = 2
_PREFETCHED = 4
# Purposes of a seed, so that no two draws share one.
_SHARD_ORDER, _SEGMENT_ORDER, _CROP = range(3)

Augment = Callable[[Mapping[str, tf.Tensor], tf.Tensor], dict[str, tf.Tensor]]
"""Augmentation of a batch, given a seed (int32 [2])."""
ReadRecords = Callable[[tf.Tensor], tf.data.Dataset]
"""Function from a song's address to its records, see `Corpus.records`."""


class StepShard(NamedTuple):
    """Shard of the training steps, for one of several workers that prepare batches: every `num_shards`-th.

    Attributes:
        shard_index: first step of the shard, relative to the first step of all; int64 scalar.
        num_shards: number of shards.
    """

    shard_index: int | tf.Tensor = 0
    num_shards: int = 1

    def steps(self, first: int) -> tf.data.Dataset:
        """Steps of this shard, where sharding begins at step `first`: endless int64 scalars."""
        return tf.data.Dataset.range(first + self.shard_index, tf.int64.max, self.num_shards)

    def contains(self, step: tf.Tensor, first: int) -> tf.Tensor:
        """Membership of a step, at least `first`, in this shard: bool scalar."""
        return (step - first) % self.num_shards == self.shard_index


ALL_STEPS = StepShard()
"""The only shard of an unsharded run."""


def unpaired_batches(
    corpus: Corpus,
    *,
    frames: int,
    batch_size: int,
    seed: int,
    first_step: int = 0,
    split: str = "train",
    frame_features: FrameFeatures | None = None,
    waveforms: bool = False,
    augmented_copies: bool = True,
    augment: Augment | None = None,
    step_shard: StepShard = ALL_STEPS,
) -> tf.data.Dataset:
    """Endless batches of log-mel crops, the two domains shuffled independently of each other.

    The dataset from `first_step=k` equals the one from 0 without its first k batches, because every draw
    depends only on the seed and the position. (Dataset.shuffle also depends on the global seed.)

    Args:
        corpus: the data folder, or folders of songs.
        frames: length of a crop; its frames are uncentred, so none contains padding.
        batch_size: number of crops of each domain.
        seed: seed of the order and of all crops.
        first_step: step of the first batch.
        split: train, valid or test.
        frame_features: precomputed features of every frame; crops then begin at a frame of their segment.
        waveforms: true for the crops' samples instead of their log-mels.
        augmented_copies: true to include the augmented copies of training songs that `prepare` made.
        augment: augmentation of a batch, given the seed (int32 [2]) of the step.
        step_shard: steps whose batches are returned. Crops of other steps are read, but neither parsed nor
            transformed.

    Returns:
        A dataset of {"content", "band"}: float32 [batch_size, frames, n_mels, 1]; with frame features also
        "content/NAME" and "band/NAME": float32 [batch_size, frames, width]. As waveforms: float32
        [batch_size, spec.span(frames)].

    Raises:
        UserError: if the segments are shorter than `frames`.
    """
    corpus.require_frames(frames)
    source = CropSource(corpus, split, frames, frame_features, waveforms, augmented_copies)
    crops = {name: _crops(source, name, seed, batch_size, first_step, step_shard) for name in DOMAINS}
    dataset = tf.data.Dataset.zip(crops)
    # One shape for the compiled train step; the stream is endless, so nothing is dropped.
    dataset = dataset.batch(batch_size, drop_remainder=True)
    # After batching: the mel filter bank is one matrix product per batch, and only crops are transformed.
    dataset = dataset.map(source.batch_features, num_parallel_calls=_WORKERS, deterministic=True)
    if augment is not None:
        base = np.random.SeedSequence([seed, len(DOMAINS)]).generate_state(2).astype(np.int32)
        numbered = tf.data.Dataset.zip((step_shard.steps(first_step), dataset))
        dataset = numbered.map(lambda step, batch: augment(batch, _fold(base, step)))
    # Last, so that all of the above overlaps with training.
    return dataset.prefetch(_PREFETCHED).with_options(options())


def options() -> tf.data.Options:
    """tf.data options of the batches: deterministic order, fixed numbers of threads, sharding by data."""
    chosen = tf.data.Options()
    chosen.deterministic = True
    chosen.autotune.enabled = False  # a few threads and buffers are enough, and memory stays bounded
    chosen.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
    return chosen


def _crops(
    source: CropSource, domain: str, seed: int, batch_size: int, first_step: int, step_shard: StepShard
) -> tf.data.Dataset:
    """Endless crops of one domain, from the first step's on."""
    base = np.random.SeedSequence([seed, DOMAINS.index(domain)]).generate_state(2).astype(np.int32)
    first = first_step * batch_size
    first_epoch, offset = divmod(first, source.segment_count(domain))
    epochs = tf.data.Dataset.range(first_epoch, tf.int64.max)
    addresses, ranges, read = source.addresses(domain), source.record_ranges(domain), source.corpus.records
    stream = epochs.flat_map(lambda epoch: _epoch(addresses, ranges, read, base, epoch))
    # At most one epoch of raw records is skipped, and nothing of it is parsed.
    stream = stream.skip(offset)
    # A crop depends on the number of its element and on nothing else.
    numbered = stream.enumerate(first)
    if step_shard.num_shards > 1:
        numbered = numbered.filter(lambda index, _: step_shard.contains(index // batch_size, first_step))
    return source.corpus.map_records(
        numbered,
        lambda index, records: source.crop(records, _seed(base, _CROP, index)),
        _WORKERS,
    )


def _epoch(
    addresses: Sequence[Sequence[str | bytes]],
    ranges: Sequence[tuple[int, int]],
    read: ReadRecords,
    base: np.ndarray,
    epoch: tf.Tensor,
) -> tf.data.Dataset:
    """Serialised records of all songs, each once, string [1] or [2], in the order of an epoch."""
    songs, seed = tf.range(len(addresses)), _seed(base, _SHARD_ORDER, epoch)
    order = tf.random.experimental.stateless_shuffle(songs, seed)
    # Interleaved, so that neighbouring records come from different songs...
    records = tf.data.Dataset.from_tensor_slices(order).interleave(
        lambda song: _records(
            tf.gather(tf.constant(addresses), song), tf.gather(tf.constant(ranges, tf.int64), song), read
        ),
        cycle_length=min(OPEN_SHARDS, len(addresses)),
        block_length=1,
    )
    # ...then shuffled in bounded blocks: memory does not grow with the corpus.
    blocks = records.batch(SHUFFLE_SEGMENTS).enumerate()
    block_seed = _seed(base, _SEGMENT_ORDER, epoch)
    shuffled = blocks.map(
        lambda number, block: tf.random.experimental.stateless_shuffle(block, _fold(block_seed, number))
    )
    return shuffled.unbatch()


def _records(addresses: tf.Tensor, record_range: tf.Tensor, read: ReadRecords) -> tf.data.Dataset:
    """Records of one song, stacked with those of its frame features if there are any.

    Args:
        addresses: of the song and of its frame features, string [1] or [2].
        record_range: first record of the song in both, and number of records, int64 [2].
        read: reader of the song's records.
    """
    features = [tf.data.TFRecordDataset(addresses[index]) for index in range(1, addresses.shape[0])]
    zipped = tf.data.Dataset.zip((read(addresses[0]), *features))
    return zipped.skip(record_range[0]).take(record_range[1]).map(lambda *records: tf.stack(records))


def _seed(base: np.ndarray, purpose: int, number: tf.Tensor) -> tf.Tensor:
    return _fold(_fold(tf.constant(base), purpose), number)


def _fold(seed: tf.Tensor, number: tf.Tensor | int) -> tf.Tensor:
    return tf.random.experimental.stateless_fold_in(seed, tf.cast(number, tf.int32))
