"""Descriptions of the metrics of a shared-latent run; its loss functions are those of `vaegan.losses`."""

from __future__ import annotations

from pipelines.nn.remedies import Remedies

METRIC_DESCRIPTIONS = {
    "pixels/band": "Mean absolute error of the reconstructions of the band's clips (1 is half the spec's "
    "range). Falls fast for a hundred steps, then slowly.",
    "pixels/content": "The same of content clips; higher, since they differ more.",
    "features/band": "Distance of the reconstructions from the band's clips in the features of the band's "
    "discriminator, nats: 0 for equal, 1 for unrelated clips. Falls, but not smoothly, since the "
    "discriminator is trained, too.",
    "features/content": "The same of content clips, by the content's discriminator.",
    "kl/band": "Divergence of the band's posterior from the prior, nats per dimension of the latent. Rises "
    "while the latent learns to carry the music, then stays; near 0 the decoders ignore it.",
    "kl/content": "The same of content clips.",
    "adversarial/band": "Adversarial loss of the band's decoder, on reconstructions and translations; it "
    "has a weight from the end of the warm-up on.",
    "adversarial/content": "The same of the content's decoder.",
    "cycle/band": "Mean absolute error of the band's clips after a translation to the content's sound and "
    "back. Stays above pixels/band.",
    "cycle/content": "The same of content clips, translated to the band's sound and back.",
    "cycle_kl/band": "Divergence of the posterior of translations to the band's sound, nats per dimension. "
    "Near kl/band if translations are like the band's clips to the encoder.",
    "cycle_kl/content": "The same of translations to the content's sound.",
    "discriminator/band": "Hinge loss of the band's discriminator: 2 where it knows nothing, 0 where it has "
    "won.",
    "discriminator/content": "The same of the content's discriminator.",
    "penalty/band": "Gradient penalty of the band's discriminator; 0 in the steps that do not compute it.",
    "penalty/content": "The same of the content's discriminator.",
    "learning_rate/generator": "Learning rate of encoder and decoders: constant, then linear to zero at the "
    "end.",
    "learning_rate/discriminator": "Learning rate of the discriminators, likewise.",
}

REMEDIES = Remedies(
    muting="Lower optimizer.discriminator_learning_rate or loss.gan, or raise loss.cycle.",
    too_loud="Lower optimizer.learning_rate or loss.gan.",
    identity="Raise loss.gan, or train longer; if it stays so, the content songs sound like the band: choose "
    "others.",
    collapse="Train longer; if it stays so, raise loss.cycle, or lower loss.kl and loss.gan.",
    discriminator="Lower optimizer.discriminator_learning_rate, or raise loss.penalty.",
    discriminators=("discriminator/band", "discriminator/content"),
)
"""Advice on the findings of the health checks."""
