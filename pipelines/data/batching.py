"""Endless unpaired batches, in an order that is a pure function of (seed, step).

So a resumed run sees what it would have seen, and no iterator's state has to be saved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import tensorflow as tf

from pipelines.data.corpus import Corpus
from pipelines.data.crops import CropSource
from pipelines.data.feature_cache import Companion
from pipelines.data.schema import DOMAINS, PCM_SCALE
from pipelines.data.sharding import EVERY, Turn

OPEN_SHARDS = 16
"""Songs that are read at the same time."""

SHUFFLE_SEGMENTS = 64
"""Segments that are shuffled among each other: 33 MB at the default spec."""

_WORKERS = 2
_PREFETCHED = 4
# What a seed is used for, so that no two draws share one.
_SHARD_ORDER, _SEGMENT_ORDER, _CROP = range(3)

Alter = Callable[[Mapping[str, tf.Tensor], tf.Tensor], dict[str, tf.Tensor]]
"""Function that augments a batch before it goes to a model, given a seed (int32 [2])."""
Read = Callable[[tf.Tensor], tf.data.Dataset]


def unpaired_batches(
    corpus: Corpus,
    *,
    frames: int,
    batch_size: int,
    seed: int,
    first_step: int = 0,
    split: str = "train",
    companion: Companion | None = None,
    waveforms: bool = False,
    variants: bool = True,
    alter: Alter | None = None,
    turn: Turn = EVERY,
) -> tf.data.Dataset:
    """Batches of log-mel crops, the two domains shuffled independently of each other, without end.

    The dataset from `first_step=k` equals the one from 0 without its first k batches, whatever the iterators'
    state, because every draw depends on nothing but the seed and the position. (Dataset.shuffle would not do:
    it depends on the global seed, too.)

    Args:
        corpus: the data folder.
        frames: length of a crop; its frames are uncentred, so none contains padding.
        batch_size: crops of each domain.
        seed: of the whole order.
        first_step: where to begin.
        split: train, valid or test.
        companion: what else is known of the frames; crops then begin at a frame of their segment.
        waveforms: gives the crops' samples instead of their log-mels.
        variants: gives crops of the variants of training songs, too, if `prepare` made any.
        alter: makes of a batch, and of a seed (int32 [2]) that is the step's own, another batch.
        turn: gives the batches of its steps alone. What others crop is read here, too, but neither parsed nor
            transformed.

    Returns:
        A dataset of {"content", "band"}: float32 [batch_size, frames, n_mels, 1]; with a companion
        "content/NAME" and "band/NAME", too: float32 [batch_size, frames, width]. As waveforms: float32
        [batch_size, spec.span(frames)].

    Raises:
        UserError: if the segments are shorter than `frames`.
    """
    corpus.require_frames(frames)
    source = CropSource(corpus, split, frames, companion, waveforms, variants)
    crops = {name: _crops(source, name, seed, batch_size, first_step, turn) for name in DOMAINS}
    dataset = tf.data.Dataset.zip(crops)
    # One shape for the compiled train step; the stream has no end, so nothing is dropped.
    dataset = dataset.batch(batch_size, drop_remainder=True)
    # Features of whole batches: one matrix product each, and only of what was cropped.
    dataset = dataset.map(source.features, num_parallel_calls=_WORKERS, deterministic=True)
    if alter is not None:
        base = np.random.SeedSequence([seed, len(DOMAINS)]).generate_state(2).astype(np.int32)
        numbered = tf.data.Dataset.zip((turn.steps(first_step), dataset))
        dataset = numbered.map(lambda step, batch: alter(batch, _fold(base, step)))
    # Last, so that all of the above happens while the model trains.
    return dataset.prefetch(_PREFETCHED).with_options(options())


def _crops(
    source: CropSource, domain: str, seed: int, batch_size: int, first_step: int, turn: Turn
) -> tf.data.Dataset:
    """The endless stream of one domain's crops, from the first step's on."""
    base = np.random.SeedSequence([seed, DOMAINS.index(domain)]).generate_state(2).astype(np.int32)
    first = first_step * batch_size
    first_epoch, offset = divmod(first, source.segments(domain))
    epochs = tf.data.Dataset.range(first_epoch, tf.int64.max)
    files, ranges, read = source.files(domain), source.ranges(domain), source.corpus.records
    stream = epochs.flat_map(lambda epoch: _epoch(files, ranges, read, base, epoch))
    # Within the first epoch only, and of raw records: nothing is parsed for what was seen before.
    stream = stream.skip(offset)
    # The number of an element is all that its crop depends on.
    numbered = stream.enumerate(first)
    if turn.of > 1:
        numbered = numbered.filter(lambda index, _: turn.takes(index // batch_size, first_step))
    return source.corpus.mapped(
        numbered,
        lambda index, records: source.crop(records, _seed(base, _CROP, index)),
        _WORKERS,
    )


def _epoch(
    files: Sequence[Sequence[str]],
    ranges: Sequence[tuple[int, int]],
    read: Read,
    base: np.ndarray,
    epoch: tf.Tensor,
) -> tf.data.Dataset:
    """All records of the songs once, serialised, [1] or [2] beside each other, in the order of this epoch."""
    songs, seed = tf.range(len(files)), _seed(base, _SHARD_ORDER, epoch)
    order = tf.random.experimental.stateless_shuffle(songs, seed)
    # Records of several songs in turn, so that neighbours come from different songs...
    records = tf.data.Dataset.from_tensor_slices(order).interleave(
        lambda song: _records(
            tf.gather(tf.constant(files), song), tf.gather(tf.constant(ranges, tf.int64), song), read
        ),
        cycle_length=min(OPEN_SHARDS, len(files)),
        block_length=1,
    )
    # ...then shuffled in bounded blocks: memory does not grow with the corpus.
    blocks = records.batch(SHUFFLE_SEGMENTS).enumerate()
    block_seed = _seed(base, _SEGMENT_ORDER, epoch)
    shuffled = blocks.map(
        lambda number, block: tf.random.experimental.stateless_shuffle(block, _fold(block_seed, number))
    )
    return shuffled.unbatch()


def _records(files: tf.Tensor, song: tf.Tensor, read: Read) -> tf.data.Dataset:
    """The records of one song, and of its companion's shard if it has one, side by side.

    Args:
        files: string [1] or [2].
        song: the first of its records in both, and how many it has, int64 [2].
        read: gives the records of the song's shard.
    """
    others = [tf.data.TFRecordDataset(files[index]) for index in range(1, files.shape[0])]
    shards = tf.data.Dataset.zip((read(files[0]), *others))
    return shards.skip(song[0]).take(song[1]).map(lambda *records: tf.stack(records))


def _seed(base: np.ndarray, purpose: int, number: tf.Tensor) -> tf.Tensor:
    return _fold(_fold(tf.constant(base), purpose), number)


def _fold(seed: tf.Tensor, number: tf.Tensor | int) -> tf.Tensor:
    return tf.random.experimental.stateless_fold_in(seed, tf.cast(number, tf.int32))


def options() -> tf.data.Options:
    """tf.data options of the batches: deterministic order, no autotuned threads, sharding by data."""
    chosen = tf.data.Options()
    chosen.deterministic = True
    chosen.autotune.enabled = False  # a few threads and buffers are enough, and memory stays known
    chosen.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
    return chosen


def validation_clips(
    corpus: Corpus, *, frames: int, count: int, split: str = "valid"
) -> dict[str, np.ndarray]:
    """The same clips at every call, spread over the songs of a split and over each song's length.

    Args:
        corpus: the data folder.
        frames: frames of the clips' *centred* features.
        count: clips of each domain.
        split: train, valid or test.

    Returns:
        {"content", "band"}: float32 [count, spec.samples(frames)] waveforms in [-1, 1].

    Raises:
        UserError: if the segments are shorter than `frames`.
    """
    corpus.require_frames(frames)
    return {name: np.stack(_clips(corpus, name, split, frames, count)) for name in DOMAINS}


def _clips(corpus: Corpus, domain: str, split: str, frames: int, count: int) -> list[np.ndarray]:
    songs, samples = corpus.songs(domain, split), corpus.spec.samples(frames)
    clips = []
    for index in range(count):
        song = songs[index % len(songs)]
        turns = -(-(count - index % len(songs)) // len(songs))  # clips of this song in all
        segment = int((index // len(songs) + 0.5) / turns * song.segments)
        ((pcm, valid),) = corpus.read(song, segment, 1)
        start = max(0, valid - samples) // 2
        clips.append(pcm[start : start + samples].astype(np.float32) / np.float32(PCM_SCALE))
    return clips
