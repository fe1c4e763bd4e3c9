"""Differentiable augmentation of log-mels (Zhao et al. 2020, DiffAugment).

Nothing is shifted in frequency: that is pitch.
Every function draws from a stateless seed (int32 [2]), so that real and translated clips can be given
the same chances and a resumed run draws the same ones.
"""

from __future__ import annotations

import tensorflow as tf

_LEAST_DEVIATION = 0.02
"""Smallest deviation that a band is divided by, in log-mel units; keeps silence from being amplified."""


def lend_statistics(x: tf.Tensor, other: tf.Tensor) -> tf.Tensor:
    """Gives each clip the mean and the deviation over time that another clip has in each mel band.

    An equalizer and an expander in one: notes and rhythm stay, the long-term spectrum and the dynamics are
    the other's (adaptive instance normalisation, Huang and Belongie 2017, eq. 8, on the log-mel itself).
    Bands that hardly move (deviation below 0.02) are not blown up: they get the mean, and less deviation.

    Args:
        x: log-mels [batch, frames, mels, 1].
        other: the same shape.
    """
    mean, variance = tf.nn.moments(x, axes=[1], keepdims=True)
    other_mean, other_variance = tf.nn.moments(other, axes=[1], keepdims=True)
    deviation = tf.sqrt(tf.maximum(variance, _LEAST_DEVIATION**2))  # In this order the gradient is finite.
    return (x - mean) / deviation * tf.sqrt(other_variance) + other_mean


def lend_envelope(x: tf.Tensor, other: tf.Tensor, seed: tf.Tensor, width: int) -> tf.Tensor:
    """Gives each clip another clip's spectral envelope, frame by frame, and some amount of its own partials.

    What stands out of the mel bands around it (partials, by their pitch) stays, half to one and a half times
    as much; the moving average over `width` bands (formants, brightness) becomes the other's, moved to the
    frame's own level, so that rests stay rests.

    Args:
        x: log-mels [batch, frames, mels, 1].
        other: the same shape.
        seed: int32 [2].
        width: bands over which the envelope is averaged.
    """
    amount = tf.random.stateless_uniform([tf.shape(x)[0], 1, 1, 1], seed, 0.5, 1.5)
    louder = tf.reduce_mean(x, axis=2, keepdims=True) - tf.reduce_mean(other, axis=2, keepdims=True)
    return amount * (x - _envelope(x, width)) + _envelope(other, width) + louder


def _envelope(x: tf.Tensor, width: int) -> tf.Tensor:
    """Moving average over the mel bands, of those that exist."""
    return tf.nn.avg_pool2d(x, (1, width), strides=1, padding="SAME")


def choose(one: tf.Tensor, other: tf.Tensor, seed: tf.Tensor, share: float) -> tf.Tensor:
    """Takes each clip from `one`, and in `share` of the cases from `other`."""
    chance = tf.random.stateless_uniform([tf.shape(one)[0], 1, 1, 1], seed)
    return tf.where(chance < share, other, one)


def low_pass(x: tf.Tensor, seed: tf.Tensor, share: float) -> tf.Tensor:
    """Silences the bands above a random one, in `share` of the clips, so that overtones have to be inferred.

    Args:
        x: log-mels [batch, frames, mels, 1].
        seed: int32 [2].
        share: 0 for never, 1 for every clip; the cut lies in the upper seven eighths of the bands.
    """
    mels = x.shape[2]
    low, high = mels / 8, mels / 8 + (mels - mels / 8) / max(share, 1e-6)
    cut = tf.random.stateless_uniform([tf.shape(x)[0], 1, 1, 1], seed, low, high)
    index = tf.range(mels, dtype=tf.float32)[None, None, :, None]
    return tf.where(index > cut, -1.0, x)


def gain(x: tf.Tensor, seed: tf.Tensor, spread: float) -> tf.Tensor:
    """Adds one uniform offset in [-spread, spread] per clip to log-mels [batch, frames, mels, 1]."""
    offset = tf.random.stateless_uniform([tf.shape(x)[0], 1, 1, 1], seed, -spread, spread)
    return x + offset


def equalize(x: tf.Tensor, seed: tf.Tensor, spread: float, knots: int) -> tf.Tensor:
    """Adds a smooth random curve over the mel bands, one per clip: normal knots joined by straight lines.

    Args:
        x: log-mels [batch, frames, mels, 1].
        seed: int32 [2].
        spread: standard deviation of the knots, in log-mel units.
        knots: how many.
    """
    batch, mels = tf.shape(x)[0], x.shape[2]
    curve = spread * tf.random.stateless_normal([batch, 1, knots, 1], seed)
    return x + tf.image.resize(curve, (1, mels))


def noise(x: tf.Tensor, seed: tf.Tensor, spread: float) -> tf.Tensor:
    """Adds white Gaussian noise of the given standard deviation, in log-mel units."""
    return x + spread * tf.random.stateless_normal(tf.shape(x), seed)


def cut_out(x: tf.Tensor, seed: tf.Tensor, share: float, value: float = -1.0) -> tf.Tensor:
    """Silences one random run of frames in each clip, `share` of its length, at full bandwidth."""
    batch, frames = tf.shape(x)[0], tf.shape(x)[1]
    length = tf.cast(tf.cast(frames, tf.float32) * share, tf.int32)
    start = tf.random.stateless_uniform([batch, 1], seed, 0, frames - length + 1, tf.int32)
    index = tf.range(frames)[None]
    inside = tf.logical_and(index >= start, index < start + length)[:, :, None, None]
    return tf.where(inside, value, x)


def time_shift(x: tf.Tensor, seed: tf.Tensor, share: float) -> tf.Tensor:
    """Moves each clip in time by up to `share` of its length, either way; what comes in is silence."""
    batch, frames = tf.shape(x)[0], tf.shape(x)[1]
    most = tf.cast(tf.cast(frames, tf.float32) * share, tf.int32)
    start = tf.random.stateless_uniform([batch, 1], seed, 0, 2 * most + 1, tf.int32)
    padded = tf.pad(x, [[0, 0], [most, most], [0, 0], [0, 0]], constant_values=-1.0)
    return tf.gather(padded, start + tf.range(frames)[None], axis=1, batch_dims=1)
