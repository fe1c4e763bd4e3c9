"""All that Coverband has of tensorflow-io; nothing else imports it, so that it can be replaced here."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

# What a decoder gives, by its kind: dtype, the value of silence, and that of full scale above it.
_KINDS = ((tf.uint8, 128, 2**7), (tf.int16, 0, 2**15), (tf.int32, 0, 2**31), (tf.float32, 0, 1))

_scopes = itertools.count()


@dataclasses.dataclass(frozen=True)
class Facts:
    """What tensorflow-io finds in an audio file.

    Attributes:
        frames: samples per channel.
        channels: how many.
        sample_rate: Hz.
        kind: of its samples, for `read`.
    """

    frames: int
    channels: int
    sample_rate: int
    kind: int


def facts(path: Path) -> Facts | None:
    """Opens an audio file; None if tensorflow-io cannot."""
    import tensorflow_io as tfio

    try:
        sound = tfio.audio.AudioIOTensor(str(path))
    except (tf.errors.OpError, KeyError):
        return None
    dtypes = [dtype for dtype, _, _ in _KINDS]
    if sound.dtype not in dtypes:
        return None
    frames, channels = sound.shape.numpy().tolist()
    return Facts(frames, channels, int(sound.rate.numpy()), dtypes.index(sound.dtype))


def read(
    path: tf.Tensor,
    kind: tf.Tensor,
    start: tf.Tensor,
    end: tf.Tensor,
    kinds: Sequence[int] = range(len(_KINDS)),
) -> tf.Tensor:
    """Decodes a stretch of an audio file inside a graph, without what lies before it.

    tensorflow-io keeps one open file for each operation of a graph: one call of this function may not run
    twice at the same time, two of them may.

    Args:
        path: string scalar.
        kind: of its samples, see `Facts`: the place in `kinds`.
        start: first sample, int64 scalar.
        end: sample after the last, int64 scalar.
        kinds: those that occur; the fewer, the sooner the graph is built.

    Returns:
        float32 [end - start, channels] in [-1, 1].
    """
    branches = [functools.partial(_read, path, start, end, *_KINDS[each]) for each in kinds]
    return tf.switch_case(tf.cast(kind, tf.int32), branches)


def _read(
    path: tf.Tensor, start: tf.Tensor, end: tf.Tensor, dtype: tf.DType, silence: float, scale: float
) -> tf.Tensor:
    import tensorflow_io as tfio

    # The open file is known by the operation's name: no other may have the same.
    with tf.name_scope(f"reading_{next(_scopes)}"):
        sound = tfio.audio.AudioIOTensor(path, dtype=dtype)[start:end]
    return (tf.cast(sound, tf.float32) - silence) / scale


def masks(length: int, width: int, *, count: int, seed: int) -> np.ndarray:
    """SpecAugment's masks (Park et al. 2019, section 2): in each, one run of random width at a random place.

    tensorflow-io draws them from TensorFlow's own state, one in a call; a graph of their own makes them a
    function of the seed. Without tensorflow-io they are the same.

    Args:
        length: positions of a mask.
        width: runs are shorter than this; not more than `length`.
        count: how many masks.
        seed: of all of them.

    Returns:
        bool [count, length], true inside the run.
    """
    time_mask = _loaded_time_mask() or _time_mask
    graph = tf.Graph()
    with graph.as_default(), tf.device("CPU"):  # the same numbers, whatever else there is
        tf.random.set_seed(seed)  # of this graph only
        ones = tf.ones([length, 1])
        drawn = tf.map_fn(
            lambda _: time_mask(ones, width)[:, 0],
            tf.range(count),
            parallel_iterations=1,
            fn_output_signature=tf.float32,
        )
        with tf.compat.v1.Session(graph=graph) as session:
            kept: np.ndarray = session.run(drawn)
    return kept == 0


def _loaded_time_mask() -> Callable[[tf.Tensor, int], tf.Tensor] | None:
    """`time_mask` of tensorflow-io; None where it is not installed or does not fit this TensorFlow."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # It warns of file systems that do not load; none is used.
            from tensorflow_io import audio
    except (ImportError, AttributeError, NotImplementedError, tf.errors.OpError):
        return None
    time_mask: Callable[[tf.Tensor, int], tf.Tensor] = audio.time_mask
    return time_mask


def _time_mask(spectrogram: tf.Tensor, width: int) -> tf.Tensor:
    """The operations of tensorflow-io's `time_mask`, with the draws that those make first in a graph.

    Args:
        spectrogram: float32 [length, bands].
        width: the run is shorter than this.

    Returns:
        The same shape, zero inside the run.
    """
    length = tf.shape(spectrogram)[0]
    # TensorFlow numbers the draws of a graph that have no seed: these two are 0 and 1 there.
    run = tf.random.uniform([], 0, width, tf.int32, seed=0)
    start = tf.random.uniform([], 0, length - run, tf.int32, seed=1)
    place = tf.range(length)[:, None]
    return tf.where((start <= place) & (place < start + run), 0.0, spectrogram)
