"""Scaling of mel magnitudes to log-mel values in [-1, 1], and its inverse."""

from __future__ import annotations

import math

import tensorflow as tf

from pipelines.audio.spec import AudioSpec


def scale(spec: AudioSpec, mel: tf.Tensor) -> tf.Tensor:
    """Log-mel values: decibels, scaled linearly from spec.floor at -1 to spec.ceiling at +1.

    Args:
        spec: floor and ceiling.
        mel: float32 mel magnitudes, any shape.

    Returns:
        float32 of the same shape, at least -1; above 1 only for sounds louder than a full-scale sine.
    """
    floor, ceiling = math.log(spec.floor), math.log(spec.ceiling)
    level = tf.math.log(tf.maximum(mel, spec.floor))
    # Rounding can yield values slightly below -1 at the floor.
    return tf.maximum((level - floor) * (2 / (ceiling - floor)) - 1, -1.0)


def unscale(spec: AudioSpec, log_mel: tf.Tensor) -> tf.Tensor:
    """Mel magnitudes of log-mel values, the inverse of `scale`; about spec.floor for -1."""
    floor, ceiling = math.log(spec.floor), math.log(spec.ceiling)
    return tf.exp((log_mel + 1) * ((ceiling - floor) / 2) + floor)


def to_db(spec: AudioSpec, log_mel: tf.Tensor) -> tf.Tensor:
    """Log-mel values in decibels relative to the magnitude 1; of NumPy arrays, a NumPy array."""
    return (log_mel + 1) * (spec.range_db / 2) + 20 * math.log10(spec.floor)
