"""Random numbers for the clips of a batch: the same, however the clips are dealt out (see `parts`)."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from pipelines.nn import parts, philox
from pipelines.nn.philox import Shape


def uniform(
    shape: Shape, seed: tf.Tensor, least: float | tf.Tensor = 0.0, most: float | tf.Tensor = 1.0
) -> tf.Tensor:
    """float32 in [least, most).

    Args:
        shape: of this part's numbers, clips first.
        seed: int32 [2], the same for all parts.
        least: the smallest.
        most: above the largest.
    """
    return dealt(lambda whole: philox.uniform(whole, seed), shape) * (most - least) + least


def integers(shape: Shape, seed: tf.Tensor, least: int | tf.Tensor, most: int | tf.Tensor) -> tf.Tensor:
    """int32 in [least, most); see `uniform`."""
    return dealt(lambda whole: philox.integers(whole, seed, least, most), shape)


def normal(shape: Shape, seed: tf.Tensor) -> tf.Tensor:
    """float32 of mean 0 and deviation 1; see `uniform`."""
    return dealt(lambda whole: philox.normal(whole, seed), shape)


def dealt(draw: Callable[[Shape], tf.Tensor], shape: Shape) -> tf.Tensor:
    """Draws for all parts, which costs little beside a convolution, and keeps this part's.

    Args:
        draw: makes numbers of a shape.
        shape: of this part's numbers, clips first.
    """
    count = parts.share().among
    if count == 1:
        return draw(shape)
    shape = tf.convert_to_tensor(shape)
    return parts.own(draw(tf.concat([shape[:1] * count, shape[1:]], axis=0)))
