"""SpecAugment masks, by tensorflow-io where it is installed; no other module imports it."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import tensorflow as tf


def random_masks(length: int, width: int, *, count: int, seed: int) -> np.ndarray:
    """SpecAugment masks (Park et al. 2019, section 2), each one run of random width at a random position.

    tensorflow-io draws one mask per call from TensorFlow's global state; here, a separate graph makes them a
    function of the seed. They are the same without tensorflow-io.

    Args:
        length: number of positions of a mask.
        width: upper bound (exclusive) of the length of a run, at most `length`.
        count: number of masks.
        seed: of all masks.

    Returns:
        bool [count, length], true inside the run.
    """
    time_mask = _loaded_time_mask() or _time_mask
    graph = tf.Graph()
    with graph.as_default(), tf.device("CPU"):  # the same random numbers on machines with a GPU
        tf.random.set_seed(seed)  # of this graph only
        ones = tf.ones([length, 1])
        masked = tf.map_fn(
            lambda _: time_mask(ones, width)[:, 0],
            tf.range(count),
            parallel_iterations=1,
            fn_output_signature=tf.float32,
        )
        with tf.compat.v1.Session(graph=graph) as session:
            kept: np.ndarray = session.run(masked)
    return kept == 0


def _loaded_time_mask() -> Callable[[tf.Tensor, int], tf.Tensor] | None:
    """`time_mask` of tensorflow-io; None if it is not installed or incompatible with this TensorFlow."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # It warns of file systems that do not load; none is used here.
            from tensorflow_io import audio
    # tensorflow-io raises the error of unimplemented methods if its native library does not load.
    except (ImportError, AttributeError, NotImplementedError, tf.errors.OpError):
        return None
    time_mask: Callable[[tf.Tensor, int], tf.Tensor] = audio.time_mask
    return time_mask


def _time_mask(spectrogram: tf.Tensor, width: int) -> tf.Tensor:
    """Substitute for tensorflow-io's `time_mask` with the same random numbers.

    Args:
        spectrogram: float32 [length, bands].
        width: upper bound (exclusive) of the length of the run.

    Returns:
        float32 of the same shape, zero inside the run.
    """
    length = tf.shape(spectrogram)[0]
    # TensorFlow numbers the random ops of a graph that have no seed: in tensorflow-io, these are 0 and 1.
    run = tf.random.uniform([], 0, width, tf.int32, seed=0)
    start = tf.random.uniform([], 0, length - run, tf.int32, seed=1)
    index = tf.range(length)[:, None]
    return tf.where((start <= index) & (index < start + run), 0.0, spectrogram)
