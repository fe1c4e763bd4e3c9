"""Metric descriptions for TensorBoard: the expected course of each metric of a CycleGAN run."""

from __future__ import annotations

from pipelines.training.remedies import Remedies

CURVES = {
    "adversarial/band": "How little the translations fool the band's discriminator. LSGAN: about 0.25-0.4 "
    "when both are in balance; near 1 the discriminator has won, near 0 it learns nothing.",
    "adversarial/content": "The same for the way back.",
    "identity/band": "Error of restoring a disguised clip of the band, in log-mel units (1 is half the "
    "spec's range). Falls fast in the first hundred steps, then slowly; if it stands still above 0.15, train "
    "longer or wider.",
    "identity/content": "The same for the way back; it stays higher, because the soloists differ.",
    "cycle/band": "Error of the band's clips translated there and back. Falls with identity/band; near 0 the "
    "generators hide the clip instead of translating it.",
    "cycle/content": "The same for content clips.",
    "feature_cycle/band": "The cycle's error in the discriminator's features, if that loss is on: falls "
    "slowly.",
    "feature_cycle/content": "The same for content clips.",
    "patch_nce/band": "How badly a translation's patches are told from others by their source's, if that "
    "loss is on: starts near log(64) = 4.2 and falls below 2.",
    "patch_nce/content": "The same for the way back.",
    "content/band": "How differently the transcriber hears a translation and its source, if that loss is on: 0 "
    "is the same notes, 1 no note in common. Falls slowly.",
    "content/content": "The same for the way back.",
    "discriminator/band": "LSGAN: falls from 0.5 to 0.15-0.25 and stays. At 0 it tells all translations "
    "apart and the generator learns little from it.",
    "discriminator/content": "The same for the way back.",
    "rate/generator": "The generators' learning rate: constant, then straight to zero at the end.",
    "rate/discriminator": "The discriminators' learning rate, likewise.",
    "rate/identity_weight": "The weight of the identity losses, which falls along the preset's schedule.",
}

REMEDIES = Remedies(
    muting="Lower optimizer.discriminator_rate, or raise loss.cycle and loss.identity.",
    too_loud="Lower optimizer.generator_rate.",
    identity="Lower loss.identity and loss.cycle, raise loss.adversarial, or train longer.",
    collapse="Raise loss.cycle or lower loss.adversarial.",
    discriminator="Lower optimizer.discriminator_rate, or raise augment.shift and augment.cut.",
    discriminators=("discriminator/band", "discriminator/content"),
)
"""Advice on what the watch finds."""
