"""Schedules over training steps, for learning rates and for loss weights."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from pipelines.nn.blocks import register


@register
class ConstantThenLinearDecay(keras.optimizers.schedules.LearningRateSchedule):
    """Learning rate that is constant, then falls linearly to zero (Zhu et al. 2017, section 4).

    Arguments:
        initial_learning_rate: until `hold` of the training is done.
        hold: share of the training, 0 to 1.
        total_steps: length of the training; a scalar variable where it may change in training.
        gate: scalar variable that multiplies the rate, 0 for a network that is not updated in this step; None
            for 1.
        warm_up: steps in which the rate rises linearly from zero.
    """

    def __init__(
        self, initial_learning_rate: float, hold: float, total_steps: Any, gate: Any = None, warm_up: int = 0
    ) -> None:
        self.initial_learning_rate, self.hold = initial_learning_rate, hold
        self.total_steps, self.gate, self.warm_up = total_steps, gate, warm_up

    def __call__(self, step: tf.Tensor) -> tf.Tensor:
        """Learning rate at a step, float32 scalar."""
        progress = tf.cast(step, tf.float32) / tf.cast(self.total_steps, tf.float32)
        rate = linear(progress, self.initial_learning_rate, 0.0, self.hold, 1.0)
        if self.warm_up:
            rate *= tf.minimum((tf.cast(step, tf.float32) + 1.0) / self.warm_up, 1.0)
        return rate if self.gate is None else rate * tf.cast(self.gate, tf.float32)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments, without the gate, which belongs to a model."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "hold": self.hold,
            "total_steps": float(self.total_steps),
            "warm_up": self.warm_up,
        }


def linear(progress: tf.Tensor, start: float, end: float, begin: float, finish: float) -> tf.Tensor:
    """Value of a linear ramp: `start` until progress reaches `begin`, `end` from `finish` on.

    Args:
        progress: share of the training that is done, scalar in [0, 1].
        start: first value.
        end: last value.
        begin: progress at which the ramp starts.
        finish: progress at which it ends.
    """
    share = tf.clip_by_value((progress - begin) / max(finish - begin, 1e-9), 0.0, 1.0)
    return start + (end - start) * share


def ramp(progress: tf.Tensor, begin: float, length: float) -> tf.Tensor:
    """Weight of a loss that sets in during the training: 0 until `begin`, then rising linearly to 1.

    Adam divides by the root of the mean square of past gradients, so that after a loss has set in at once
    its steps are up to (1 - beta_1) / sqrt(1 - beta_2) times as long (Kingma and Ba 2015, section 2.1).

    Args:
        progress: share of the training that is done, scalar in [0, 1].
        begin: progress at which the loss sets in.
        length: share of the training in which it rises; 0 for at once.
    """
    if not length:
        return tf.cast(progress >= begin, tf.float32)
    return linear(progress, 0.0, 1.0, begin, begin + length)
