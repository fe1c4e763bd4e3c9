"""Losses of the feed-forward network (Johnson et al. 2016, section 3.2), and descriptions of its metrics."""

from __future__ import annotations

import math
from collections.abc import Sequence

import tensorflow as tf

from pipelines.nn.remedies import Remedies


def grouped_gram(features: tf.Tensor, groups: int) -> tf.Tensor:
    """Gram matrices over the channels (equation 3), of all clips together, one for each group of frequencies.

    In pictures a texture may lie anywhere; a band's bass is not its cymbals. And what is wanted is how the
    band's songs sound on average: single clips may have other chords.

    Args:
        features: [batch, frames, frequencies, channels].
        groups: of neighbouring frequencies; if they do not divide, their greatest common divisor.

    Returns:
        [groups, channels, channels], divided by the numbers that were summed.
    """
    batch, frames, frequencies, channels = tf.unstack(tf.shape(features))
    count = math.gcd(features.shape[2], groups)
    split = tf.reshape(features, [batch, frames, count, frequencies // count, channels])
    rows = tf.reshape(tf.transpose(split, [2, 0, 1, 3, 4]), [count, -1, channels])
    return tf.matmul(rows, rows, transpose_a=True) / tf.cast(tf.shape(rows)[1], features.dtype)


def style_distance(found: Sequence[tf.Tensor], wanted: Sequence[tf.Tensor]) -> tf.Tensor:
    """Squared Frobenius distance between Gram matrices (equation 4), as a share of the wanted ones' energy.

    Args:
        found: of each layer, [groups, channels, channels].
        wanted: the same shapes.

    Returns:
        The mean over the layers: 0 if they are equal, 1 if the found ones are zero.
    """
    terms = [
        tf.reduce_sum(tf.square(x - y)) / tf.reduce_sum(tf.square(y))
        for x, y in zip(found, wanted, strict=True)
    ]
    return tf.add_n(terms) / len(terms)


def content_distance(found: Sequence[tf.Tensor], wanted: Sequence[tf.Tensor]) -> tf.Tensor:
    """Mean squared distance between features (equation 2), as a share of the wanted ones' variance.

    Args:
        found: of each layer, [batch, frames, frequencies, channels].
        wanted: the same shapes; no gradient flows into them.

    Returns:
        The mean over the layers: 0 if they are equal, about 2 for features of another song.
    """
    terms = [
        tf.reduce_mean(tf.square(x - y)) / (tf.math.reduce_variance(y) + 1e-6)
        for x, y in zip(found, map(tf.stop_gradient, wanted), strict=True)
    ]
    return tf.add_n(terms) / len(terms)


def total_variation(log_mel: tf.Tensor) -> tf.Tensor:
    """Mean absolute difference of neighbours, along time and along frequency; [batch, frames, n_mels, 1]."""
    along_time = tf.reduce_mean(tf.abs(log_mel[:, 1:] - log_mel[:, :-1]))
    return along_time + tf.reduce_mean(tf.abs(log_mel[:, :, 1:] - log_mel[:, :, :-1]))


METRIC_DESCRIPTIONS = {
    "content": "Distance between the features of song and translation. Rises in the first steps, then falls "
    "slowly.",
    "style": "Distance to the band's mean Gram matrices. Falls fast, then slowly; it does not reach zero, "
    "since a batch has other chords than the band has on average.",
    "variation": "Mean difference of neighbouring values: higher for plucked than for bowed sounds; near "
    "zero the sound is blurred.",
    "learning_rate/generator": "Learning rate: constant, then linear to zero at the end.",
}

REMEDIES = Remedies(
    muting="Lower optimizer.learning_rate, or raise loss.content.",
    too_loud="Lower optimizer.learning_rate, or raise loss.content.",
    identity="Raise loss.style, lower loss.content, or train longer.",
    collapse="Raise loss.content or lower loss.style.",
)
"""Advice on the findings of the health checks."""
