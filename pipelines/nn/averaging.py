"""Exponential moving average of a network's weights, for inference (Yazici et al. 2019)."""

from __future__ import annotations

import keras
import tensorflow as tf

from pipelines.nn import parts


def track_average(average: keras.Model, network: keras.Model, decay: float, step: tf.Tensor) -> None:
    """Moves each weight of `average` towards that of `network` by 1 - decay, faster in the first steps.

    Args:
        average: a clone of `network`.
        network: the network being trained.
        decay: the share of the old average that is kept, in the long run.
        step: steps done; the share is at most (1 + step) / (10 + step), so that the average
            forgets the initial weights at once.
    """
    if not parts.is_last():
        return
    step = tf.cast(step, tf.float32)
    keep = tf.minimum(decay, (1 + step) / (10 + step))
    for old, new in zip(average.weights, network.weights, strict=True):
        old.assign(new + keep * (old - new))


def track_value(average: keras.Variable, value: tf.Tensor, decay: float) -> None:
    """Moves a variable towards the mean of a value over a step's clips by 1 - decay.

    Args:
        average: of the value's shape.
        value: the mean over this part's clips (see `parts`).
        decay: the share of the old average that is kept.
    """
    (value,) = parts.whole([value])
    if parts.is_last():
        average.assign(decay * average + (1 - decay) * value)
