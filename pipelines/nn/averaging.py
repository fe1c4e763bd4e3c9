"""Exponential moving average of a network's weights, for inference (Yazici et al. 2019)."""

from __future__ import annotations

import keras
import tensorflow as tf


def track_average(average: keras.Model, network: keras.Model, decay: float, step: tf.Tensor) -> None:
    """Moves each weight of `average` towards that of `network` by 1 - decay, faster in the first steps.

    Args:
        average: a clone of `network`.
        network: the network being trained.
        decay: the share of the old average that is kept, in the long run.
        step: steps done; the share is at most (1 + step) / (10 + step), so that the average
            forgets the initial weights at once.
    """
    step = tf.cast(step, tf.float32)
    keep = tf.minimum(decay, (1 + step) / (10 + step))
    for old, new in zip(average.weights, network.weights, strict=True):
        old.assign(new + keep * (old - new))
