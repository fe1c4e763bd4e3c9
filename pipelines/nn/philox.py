"""Random numbers that are the same on every kind of device, compiled by XLA or not.

TensorFlow draws the same integers everywhere (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2,
3") as long as seeds are not negative, but XLA makes other floats of them. Here floats are made as
TensorFlow's own kernels do, and the signs of seeds do not count.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import tensorflow as tf

ALGORITHM = "philox"

Shape: TypeAlias = "tf.Tensor | Sequence[int | tf.Tensor]"

_MANTISSA, _ONE = 0x7FFFFF, 0x3F800000
"""The 23 bits after the point, and the bits of 1.0."""
_LEAST = 1e-7
"""Under a logarithm."""


def split(seed: tf.Tensor, count: int) -> list[tf.Tensor]:
    """As many seeds from one, int32 [2] each."""
    return tf.unstack(tf.random.split(_unsigned(seed), count, ALGORITHM))


def integers(shape: Shape, seed: tf.Tensor, least: tf.Tensor | int, most: tf.Tensor | int) -> tf.Tensor:
    """int32 in [least, most)."""
    return tf.random.stateless_uniform(shape, _unsigned(seed), least, most, tf.int32, ALGORITHM)


def uniform(shape: Shape, seed: tf.Tensor) -> tf.Tensor:
    """float32 in [0, 1)."""
    bits = tf.random.stateless_uniform(shape, _unsigned(seed), None, None, tf.int32, ALGORITHM)
    mantissa = tf.bitwise.bitwise_and(bits, _MANTISSA)
    return tf.bitcast(tf.bitwise.bitwise_or(mantissa, _ONE), tf.float32) - 1.0


def normal(shape: Shape, seed: tf.Tensor) -> tf.Tensor:
    """float32 of mean 0 and deviation 1 (Box and Muller 1958)."""
    count = tf.reduce_prod(shape)
    pairs = tf.reshape(uniform([(count + 1) // 2 * 2], seed), [-1, 2])
    radius = tf.sqrt(-2.0 * tf.math.log(tf.maximum(pairs[:, 0], _LEAST)))
    angle = 2 * math.pi * pairs[:, 1]
    both = radius[:, None] * tf.stack([tf.sin(angle), tf.cos(angle)], axis=1)
    return tf.reshape(tf.reshape(both, [-1])[:count], shape)


def _unsigned(seed: tf.Tensor) -> tf.Tensor:
    return tf.bitwise.bitwise_and(seed, 0x7FFFFFFF)
