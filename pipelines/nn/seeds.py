"""Randomness that a resumed run draws again."""

from __future__ import annotations

from collections.abc import Iterator

import tensorflow as tf

from pipelines.nn import philox


def of_step(seed: tf.Tensor, step: tf.Tensor, count: int) -> Iterator[tf.Tensor]:
    """A step's seeds: from the run's and the step's number alone, so that a resumed run draws the same.

    Args:
        seed: of the run, int32 scalar.
        step: integer scalar.
        count: how many there are at most; with another number, all are others.

    Returns:
        int32 [2] each, for `pipelines.nn.stateless_random`.
    """
    return iter(philox.split(tf.stack([seed, tf.cast(step, tf.int32)]), count))
