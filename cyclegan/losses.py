"""Losses of CycleGAN beside the adversarial ones: pure functions of log-mels, features and posteriors."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from pipelines.nn import parts

TEMPERATURE = 0.07


def absolute_error(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """Mean |a - b|: cycle and identity consistency (Zhu et al. 2017, eq. 2 and section 5.2).

    Args:
        a: log-mels [batch, frames, mels, 1].
        b: the same shape.

    Returns:
        A scalar in log-mel units.
    """
    return tf.reduce_mean(tf.abs(a - b))


def soft_disagreement(one: tf.Tensor, other: tf.Tensor) -> tf.Tensor:
    """1 - F1 of two piano rolls of probabilities (Bray and Curtis 1957): sum |a - b| / sum (a + b).

    Most pitches are silent most of the time: a mean would hardly see the others.

    Args:
        one: probabilities [batch, frames, pitches].
        other: the same shape.

    Returns:
        Scalar from 0 (alike, or both silent) to 1.
    """
    differing, all_of_them = (parts.mean(tf.reduce_sum(x)) for x in (tf.abs(one - other), one + other))
    return differing / (all_of_them + 1e-6)


def feature_distance(a: Sequence[tf.Tensor], b: Sequence[tf.Tensor]) -> tf.Tensor:
    """Mean over layers of mean |a - b|, each layer in units of its own mean magnitude in `b`.

    Cycle consistency in the discriminator's features (Wang and Lin 2024, "CycleGAN with better cycles",
    section 3.1).

    Args:
        a: feature maps of any shapes.
        b: the reference's feature maps, the same shapes; no gradient flows into its scale.
    """
    terms = [
        absolute_error(x, y) / (tf.stop_gradient(parts.mean(tf.reduce_mean(tf.abs(y)))) + 1e-6)
        for x, y in zip(a, b, strict=True)
    ]
    return tf.add_n(terms) / len(terms)


def info_nce(queries: tf.Tensor, keys: tf.Tensor, temperature: float = TEMPERATURE) -> tf.Tensor:
    """Mean cross-entropy of finding each query's own key among those of its clip.

    The patchwise contrastive loss of Park et al. 2020, "Contrastive learning for unpaired image-to-image
    translation" (CUT), equation 2, with negatives from the same clip.

    Args:
        queries: unit vectors [batch, patches, width].
        keys: likewise; no gradient flows into them.
        temperature: divides the cosines.

    Returns:
        A scalar: log(patches) when nothing is told apart, 0 when everything is.
    """
    logits = tf.matmul(queries, tf.stop_gradient(keys), transpose_b=True) / temperature
    own = tf.broadcast_to(tf.range(tf.shape(logits)[1]), tf.shape(logits)[:2])
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(own, logits))
