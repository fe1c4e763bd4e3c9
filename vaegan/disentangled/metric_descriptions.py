"""Metric descriptions for TensorBoard: the expected course of each metric of a disentangled run."""

from __future__ import annotations

from pipelines.training.remedies import Remedies

CURVES = {
    "reconstruction/band": "Mean absolute error of the band's clips, decoded from their notes and the style "
    "of another stretch of the song. Falls fast for a hundred steps, then slowly.",
    "reconstruction/content": "The same of the content songs; higher, since they sound more different.",
    "style": "How far the style of a translation is from the one that was asked for. Falls, and stays low.",
    "decoder/fooled": "How little translations are taken for the band's, nats; 0.69 is a coin.",
    "codes/told": "How badly a small network tells the domains apart by the codes of the notes, nats: 0.69 "
    "if they tell it nothing about who plays, 0 if everything. The leak.",
    "discriminator/real": "How little the band's clips are taken for real, nats; 0.69 is a coin.",
    "discriminator/made": "The same of translations.",
    "rate/decoder": "Learning rate of encoders and decoder: constant, then straight to zero at the end.",
    "rate/discriminator": "The discriminator's and the probe's, likewise.",
}

REMEDIES = Remedies(
    muting="Lower optimizer.discriminator_rate and loss.adversarial, or raise loss.reconstruction.",
    too_loud="Lower optimizer.rate or loss.adversarial.",
    identity="Raise loss.style and loss.adversarial, or train longer.",
    collapse="Train longer; if it stays so, raise loss.reconstruction or lower loss.adversarial.",
    discriminator="Lower optimizer.discriminator_rate.",
    discriminators=("discriminator/real", "discriminator/made"),
)
"""Advice on what the watch finds."""
