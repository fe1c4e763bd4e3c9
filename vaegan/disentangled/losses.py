"""Descriptions of the metrics of a disentangled run; its loss functions are those of `vaegan.losses`."""

from __future__ import annotations

from pipelines.nn.remedies import Remedies

METRIC_DESCRIPTIONS = {
    "reconstruction/band": "Mean absolute error of the band's clips, decoded from their content and the "
    "style of another stretch of the song. Falls fast for a hundred steps, then slowly.",
    "reconstruction/content": "The same of content songs; higher, since they differ more.",
    "style": "Distance between the style of a translation and the style that it was decoded with. Falls, and "
    "stays low.",
    "adversarial": "Adversarial loss of translations, nats; 0.69 is chance.",
    "probe": "Cross entropy of the domain probe on the content codes, nats: 0.69 if the codes do not depend "
    "on the domain, 0 if they give it away.",
    "discriminator/real": "Cross entropy of the band's clips, nats; 0.69 is chance.",
    "discriminator/generated": "The same of translations.",
    "learning_rate/generator": "Learning rate of encoders and decoder: constant, then linear to zero at the "
    "end.",
    "learning_rate/discriminator": "Learning rate of the discriminator and the probe, likewise.",
}

REMEDIES = Remedies(
    muting="Lower optimizer.discriminator_learning_rate and loss.adversarial, or raise loss.reconstruction.",
    too_loud="Lower optimizer.learning_rate or loss.adversarial.",
    identity="Raise loss.style and loss.adversarial, or train longer.",
    collapse="Train longer; if it stays so, raise loss.reconstruction or lower loss.adversarial.",
    discriminator="Lower optimizer.discriminator_learning_rate.",
    discriminators=("discriminator/real", "discriminator/generated"),
)
"""Advice on the findings of the health checks."""
