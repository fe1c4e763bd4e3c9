"""Mel magnitudes to log-mel values in [-1, 1] and back."""

from __future__ import annotations

import math

import tensorflow as tf

from pipelines.audio.spec import AudioSpec


def scale(spec: AudioSpec, mel: tf.Tensor) -> tf.Tensor:
    """Decibels, mapped linearly so that spec.floor becomes -1 and spec.ceiling +1.

    Args:
        spec: gives floor and ceiling.
        mel: float32 mel magnitudes, any shape.

    Returns:
        float32 of the same shape, at least -1; above 1 only where louder than a full-scale sine.
    """
    floor, ceiling = math.log(spec.floor), math.log(spec.ceiling)
    level = tf.math.log(tf.maximum(mel, spec.floor))
    # The rounded logarithm of the floor itself may fall a hair below -1.
    return tf.maximum((level - floor) * (2 / (ceiling - floor)) - 1, -1.0)


def unscale(spec: AudioSpec, log_mel: tf.Tensor) -> tf.Tensor:
    """The inverse of `scale`: mel magnitudes, at least about spec.floor for any input of at least -1."""
    floor, ceiling = math.log(spec.floor), math.log(spec.ceiling)
    return tf.exp((log_mel + 1) * ((ceiling - floor) / 2) + floor)


def to_db(spec: AudioSpec, log_mel: tf.Tensor) -> tf.Tensor:
    """Scaled log-mel values as decibels above the magnitude 1 (NumPy arrays come back as arrays)."""
    return (log_mel + 1) * (spec.range_db / 2) + 20 * math.log10(spec.floor)
