"""One network's Adam whose rate falls to zero, as the families use it that train one network alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import keras
import tensorflow as tf

from pipelines.nn import schedules


@dataclasses.dataclass(frozen=True)
class AdamConfig:
    """Adam, and the average that is kept of the weights.

    Attributes:
        rate: learning rate.
        hold: progress up to which the rate is constant; then it falls linearly to zero.
        clip_norm: largest norm of a gradient.
        average: decay of the weights' moving average.
    """

    rate: float = 1e-3
    hold: float = 0.3
    clip_norm: float = 5.0
    average: float = 0.995


def built(config: AdamConfig, variables: Sequence[keras.Variable]) -> keras.optimizers.Adam:
    """The optimizer of these variables, with its state, so that a checkpoint finds it."""
    adam = keras.optimizers.Adam(config.rate, global_clipnorm=config.clip_norm)
    adam.build(variables)
    return adam


def follow_schedule(adam: keras.optimizers.Adam, config: AdamConfig, progress: tf.Tensor) -> tf.Tensor:
    """Sets the learning rate that belongs to the progress, and returns it."""
    rate = schedules.constant_then_linear_decay(progress, config.rate, config.hold)
    adam.learning_rate.assign(rate)
    return rate
