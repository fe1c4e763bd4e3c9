"""Metric descriptions for TensorBoard: the expected course of each metric of a VAE-GAN run."""

from __future__ import annotations

from pipelines.training.remedies import Remedies

CURVES = {
    "reconstruction/features": "How far reconstructions of the band's clips are from them in the "
    "discriminator's features, nats: 0 is equal, 1 as far as unrelated clips. Falls, but not smoothly, since "
    "the discriminator that it is measured in learns, too.",
    "reconstruction/pixels": "The same in the log-mel itself (1 is half the spec's range). Falls fast for a "
    "hundred steps, then slowly, also where only the features are trained on.",
    "kl": "Nats per number of the latent: at 0 the decoder ignores it, above 1 it carries what the notes "
    "should say.",
    "discriminator/real": "How little the band's clips are taken for real, nats; 0.69 is a coin. Between "
    "0.33 and 1.03 both networks learn.",
    "discriminator/made": "The same of reconstructions and samples.",
    "gates/decoder": "1 when the decoder learns, 0 when it waits for the discriminator.",
    "gates/discriminator": "1 when the discriminator learns, 0 when it waits for the decoder.",
    "rate/decoder": "Learning rate of encoder and decoder: constant, then straight to zero at the end.",
    "rate/discriminator": "The discriminator's, likewise.",
}

REMEDIES = Remedies(
    muting="Lower optimizer.discriminator_rate, or raise loss.gamma, the share of the reconstruction.",
    too_loud="Lower optimizer.rate, raise loss.gamma, or train on the band's notes alone: loss.samples=band.",
    identity="Train longer; if it stays so, the content songs sound like the band: choose others.",
    collapse="Train longer; if it stays so, raise loss.gamma, the share of the reconstruction.",
    discriminator="Lower optimizer.discriminator_rate, or raise loss.margin.",
    discriminators=("discriminator/real", "discriminator/made"),
)
"""Advice on what the watch finds."""
