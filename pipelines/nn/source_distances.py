"""Distances of translations to their sources in what is not timbre: where partials and strokes are.

They compare the views of `source_view`, and keep notes and dynamics where the adversarial loss would rather
not.
"""

from __future__ import annotations

import tensorflow as tf

from pipelines.nn.source_view import averaged, contrast, grouped, rises

_SMOOTHING = 5
"""Frames over which the contrasts of a translation and of its source are compared."""
_LEAST_ENERGY = 1e-2
"""Energy below which two patterns are as good as silent, and do not correlate."""


def contrast_loss(translation: tf.Tensor, source: tf.Tensor, weight: tf.Tensor | float = 1.0) -> tf.Tensor:
    """1 - correlation over frequency of the local contrasts of translations and of their sources.

    The contrasts of the lower half of the bands, averaged over 5 frames, are compared frame by frame; frames
    weigh by the energy of the source's contrast. So partials stay where they are, at any timbre.

    Args:
        translation: log-mels [batch, frames, mels, 1].
        source: the same shape.
        weight: of the frames, [batch, frames] or broadcast to it, beside their energy.

    Returns:
        Scalar: 0 for equal patterns, the mean weight for unrelated ones.
    """
    bands = source.shape[2] // 2
    one, other = (
        contrast(averaged(each[..., 0], _SMOOTHING, 1))[:, :, :bands] for each in (translation, source)
    )
    energy = tf.reduce_sum(tf.square(other), axis=2)
    shares = energy / (tf.reduce_sum(energy) + _LEAST_ENERGY)
    return tf.reduce_sum(weight * shares * (1.0 - _correlation(one, other, axis=2)))


def rise_loss(translation: tf.Tensor, source: tf.Tensor) -> tf.Tensor:
    """1 - correlation over time of the rises of 16 groups of bands of translations and of their sources.

    The rises are averaged over 3 frames, so that an onset may be a frame earlier or later.

    Args:
        translation: log-mels [batch, frames, mels, 1].
        source: the same shape.

    Returns:
        Scalar: 0 for equal strokes, 1 for unrelated ones.
    """

    def strokes(log_mel: tf.Tensor) -> tf.Tensor:
        risen = averaged(rises(log_mel[..., 0]), 3, 1)
        return risen - tf.reduce_mean(risen, axis=1, keepdims=True)

    return tf.reduce_mean(1.0 - _correlation(strokes(translation), strokes(source), axis=1))


def level_loss(translation: tf.Tensor, source: tf.Tensor, weight: tf.Tensor | float = 1.0) -> tf.Tensor:
    """1 - correlation of the levels of 16 groups of bands of translations and of their sources.

    The levels are relative to their means over the clip, so that the balance of the groups, which is timbre,
    does not count, and averaged over 3 frames; all groups of a clip are compared at once, so that those whose
    level changes most count most. So the dynamics stay: what is loud in the source, and when.

    Args:
        translation: log-mels [batch, frames, mels, 1].
        source: the same shape.
        weight: of the clips, [batch] or broadcast to it.

    Returns:
        Scalar: 0 for equal dynamics, the mean weight for unrelated ones.
    """

    def dynamics(log_mel: tf.Tensor) -> tf.Tensor:
        levels = averaged(grouped(log_mel[..., 0]), 3, 1)
        changes = levels - tf.reduce_mean(levels, axis=1, keepdims=True)
        return tf.reshape(changes, [tf.shape(changes)[0], -1])

    return tf.reduce_mean(weight * (1.0 - _correlation(dynamics(translation), dynamics(source), axis=1)))


def _correlation(one: tf.Tensor, other: tf.Tensor, axis: int) -> tf.Tensor:
    """Cosine of the angle between two patterns along an axis."""
    first, second = (tf.reduce_sum(tf.square(each), axis) + _LEAST_ENERGY for each in (one, other))
    return tf.reduce_sum(one * other, axis) * tf.math.rsqrt(first * second)
