"""SpecAugment's masks by tensorflow-io, and without it; nothing else imports it."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import tensorflow as tf


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
