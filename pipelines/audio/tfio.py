"""All that Coverband has of tensorflow-io; nothing else imports it, so that it can be replaced here."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
import tensorflow_io as tfio


def masks(length: int, width: int, *, count: int, seed: int) -> np.ndarray:
    """SpecAugment's masks (Park et al. 2019, section 2): in each, one run of random width at a random place.

    tensorflow-io draws them from TensorFlow's own state, one in a call; a graph of their own makes them a
    function of the seed.

    Args:
        length: positions of a mask.
        width: runs are shorter than this; not more than `length`.
        count: how many masks.
        seed: of all of them.

    Returns:
        bool [count, length], true inside the run.
    """
    graph = tf.Graph()
    with graph.as_default(), tf.device("CPU"):  # the same numbers, whatever else there is
        tf.random.set_seed(seed)  # of this graph only
        ones = tf.ones([length, 1])
        drawn = tf.map_fn(
            lambda _: tfio.audio.time_mask(ones, width)[:, 0],
            tf.range(count),
            parallel_iterations=1,
            fn_output_signature=tf.float32,
        )
        with tf.compat.v1.Session(graph=graph) as session:
            kept: np.ndarray = session.run(drawn)
    return kept == 0
