"""Losses of a VAE-GAN, and descriptions of its metrics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from pipelines.nn.adversarial import Hinge
from pipelines.nn.discriminators import features_of, logits_of
from pipelines.nn.remedies import Remedies

EQUILIBRIUM = 0.68
"""Cross entropy of a discriminator that is in balance with the decoder, nats; of the code of Larsen et al."""


def kl_divergence(mean: tf.Tensor, log_variance: tf.Tensor) -> tf.Tensor:
    """KL divergence of a diagonal normal from the standard one (Kingma and Welling 2014, appendix B).

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
    variances = tf.math.reduce_variance(features, axis=[0, 1, 2])
    return tf.stop_gradient(tf.reduce_mean(variances)) + 1e-6


def absolute_error(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """Mean |a - b|, in log-mel units."""
    return tf.reduce_mean(tf.abs(a - b))


def cross_entropy(logits: Sequence[tf.Tensor], real: bool) -> tf.Tensor:
    """Binary cross entropy of patch logits (Goodfellow et al. 2014, equation 1).

    Args:
        logits: of one or several scales, of any shapes.
        real: label of all patches.

    Returns:
        Mean over scales of the mean over patches, nats: log(2) for a discriminator that knows nothing.
    """
    sign = -1.0 if real else 1.0
    return tf.add_n([tf.reduce_mean(tf.nn.softplus(sign * scale)) for scale in logits]) / len(logits)


class Discriminated(NamedTuple):
    """Losses in a discriminator's outputs, scalars.

    Attributes:
        features: distance of reconstructions from their clips in the features, see `feature_likelihood`.
        real: the discriminator's loss on clips.
        generated: the discriminator's loss on reconstructions and samples.
        decoder: the decoder's adversarial loss on reconstructions and samples.
    """

    features: tf.Tensor
    real: tf.Tensor
    generated: tf.Tensor
    decoder: tf.Tensor


def discriminated(adversarial: str, original: Any, reconstruction: Any, *samples: Any) -> Discriminated:
    """Reconstruction loss in features, and adversarial losses, of clips, reconstructions and samples.

    Args:
        adversarial: "hinge"; or "minimax", the cross entropies of Larsen et al. 2016.
        original: outputs of the discriminator for clips, see
            `pipelines.nn.discriminators.MultiScaleDiscriminator`.
        reconstruction: the same of their reconstructions.
        samples: the same of further generated clips.
    """
    features = feature_likelihood(features_of(reconstruction), features_of(original))
    logits, generated = logits_of(original), map(logits_of, (reconstruction, *samples))
    fake = [tf.concat(scale, axis=0) for scale in zip(*generated, strict=True)]
    if adversarial == "hinge":
        hinge = Hinge()
        return Discriminated(features, hinge.of_real(logits), hinge.of_fake(fake), hinge.generator(fake))
    entropy = cross_entropy(fake, real=False)
    return Discriminated(features, cross_entropy(logits, real=True), entropy, -entropy)


class Gates(NamedTuple):
    """Update gates of a step, bool scalars: True for a network that is updated."""

    decoder: tf.Tensor
    discriminator: tf.Tensor


def equilibrium_gates(real: tf.Tensor, generated: tf.Tensor, equilibrium: float, margin: float) -> Gates:
    """Update gates that keep the discriminator and the decoder in balance, as in the code of Larsen et al.

    The discriminator is not updated when either of its losses is below equilibrium - margin, the decoder when
    either is above equilibrium + margin; if neither would be, both are.

    Args:
        real: the discriminator's cross entropy on real clips, scalar.
        generated: the same on reconstructions and samples.
        equilibrium: nats.
        margin: nats.
    """
    least, most = tf.minimum(real, generated), tf.maximum(real, generated)
    discriminator, decoder = least >= equilibrium - margin, most <= equilibrium + margin
    neither = tf.logical_not(tf.logical_or(discriminator, decoder))
    return Gates(tf.logical_or(decoder, neither), tf.logical_or(discriminator, neither))


METRIC_DESCRIPTIONS = {
    "reconstruction/pixels": "Mean absolute error of the reconstructions' log-mels (1 is half the spec's "
    "range). Falls fast for a hundred steps, then slowly.",
    "reconstruction/features": "Distance of reconstructions from the band's clips in the discriminator's "
    "features, nats: 0 for equal, 1 for unrelated clips. Falls, but not smoothly, since the discriminator is "
    "trained, too.",
    "valid/pixels": "Mean absolute error of translations between ensembles that are not trained on. Falls; "
    "if it rises again, there is too little data for so long a training.",
    "kl": "Nats per dimension of the latent: at 0 the decoder ignores it, above 1 it carries content.",
    "decoder/adversarial": "The decoder's adversarial loss, counted after the warm-up.",
    "samples/contrast": "1 - correlation of the partials of translations with their sources': falls to .3 "
    "and below.",
    "samples/levels": "1 - correlation of the dynamics of translations with their sources', weighted by what "
    "is shown of them: falls fast.",
    "samples/rises": "1 - correlation of the strokes of translations with their sources': falls to .3 and "
    "below.",
    "discriminator/real": "Loss on the band's clips. Hinge: 1 where it knows nothing, 0 where it is sure; "
    "cross entropy: 0.69 and 0.",
    "discriminator/generated": "The same of reconstructions and samples. Both near 0: the discriminator has "
    "won.",
    "discriminator/penalty": "Gradient penalty; 0 in the steps that do not compute it.",
    "gates/decoder": "1 when the decoder is updated, 0 when it is not (loss.margin).",
    "gates/discriminator": "1 when the discriminator is updated, 0 when it is not.",
    "learning_rate/encoder": "Learning rate of the encoder: constant, then linear to zero at the end.",
    "learning_rate/decoder": "Learning rate of the decoder, likewise.",
    "learning_rate/discriminator": "Learning rate of the discriminator, likewise.",
}

REMEDIES = Remedies(
    muting="Lower optimizer.discriminator_learning_rate or loss.gan.",
    too_loud="Lower optimizer.learning_rate or loss.gan.",
    identity="Train longer; if it stays so, the content songs sound like the band: choose others.",
    collapse="Train longer; if it stays so, raise loss.contrast and loss.rises, or lower loss.gan.",
    discriminator="Lower optimizer.discriminator_learning_rate, or raise loss.penalty.",
    discriminators=("discriminator/real", "discriminator/generated"),
)
"""Advice on the findings of the health checks."""
