"""Losses of the VAE-GAN: pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import tensorflow as tf

from pipelines.nn import parts


def kl_divergence(mean: tf.Tensor, log_variance: tf.Tensor) -> tf.Tensor:
    """Of a diagonal normal distribution from the standard one (Kingma and Welling 2014, appendix B).

    Args:
        mean: of any shape.
        log_variance: the same shape.

    Returns:
        Nats per number.
    """
    return 0.5 * tf.reduce_mean(tf.square(mean) + tf.exp(log_variance) - 1.0 - log_variance)


def feature_likelihood(reconstruction: Sequence[tf.Tensor], original: Sequence[tf.Tensor]) -> tf.Tensor:
    """Negative log-likelihood of the original's features, normal around the reconstruction's.

    Larsen et al. 2016, equations 6 and 7, up to a constant; where they have the identity as covariance
    behind a batch normalisation, here each layer's variance is that of the original's features in the batch,
    so that a discriminator whose features grow does not weigh more.

    Args:
        reconstruction: feature maps [batch, frames', mels', channels] of any number of layers.
        original: the same shapes; no gradient flows into its variances.

    Returns:
        The mean over layers and numbers, nats: 0 at equality, 1 for two unrelated clips.
    """
    terms = [
        0.5 * tf.reduce_mean(tf.square(x - y)) / _variance(y)
        for x, y in zip(reconstruction, original, strict=True)
    ]
    return tf.add_n(terms) / len(terms)


def _variance(features: tf.Tensor) -> tf.Tensor:
    """The mean over channels of each channel's variance."""
    variances = parts.variance(features, axis=[0, 1, 2])
    return tf.stop_gradient(tf.reduce_mean(variances)) + 1e-6


def absolute_error(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """Mean |a - b|, in log-mel units."""
    return tf.reduce_mean(tf.abs(a - b))


def cross_entropy(logits: Sequence[tf.Tensor], real: bool) -> tf.Tensor:
    """Of taking every patch for real, or for made (Goodfellow et al. 2014, equation 1).

    Args:
        logits: of one or several scales, of any shapes.
        real: whether the patches are to be taken for real.

    Returns:
        Mean over scales of the mean over patches, nats: log(2) for a discriminator that knows nothing.
    """
    sign = -1.0 if real else 1.0
    return tf.add_n([tf.reduce_mean(tf.nn.softplus(sign * scale)) for scale in logits]) / len(logits)


class Gates(NamedTuple):
    """Update gates of a step, bool scalars: True for a network that is updated."""

    decoder: tf.Tensor
    discriminator: tf.Tensor


def equilibrium_gates(real: tf.Tensor, made: tf.Tensor, equilibrium: float, margin: float) -> Gates:
    """Keeps the discriminator and the decoder in balance, as the authors' code does.

    The discriminator waits when either of its losses is below equilibrium - margin, the decoder when either
    is above equilibrium + margin; if both would wait, both learn.

    Args:
        real: the discriminator's cross entropy on real clips, scalar.
        made: the same on reconstructions and samples.
        equilibrium: nats.
        margin: nats.
    """
    least, most = tf.minimum(real, made), tf.maximum(real, made)
    discriminator, decoder = least >= equilibrium - margin, most <= equilibrium + margin
    neither = tf.logical_not(tf.logical_or(discriminator, decoder))
    return Gates(tf.logical_or(decoder, neither), tf.logical_or(discriminator, neither))
