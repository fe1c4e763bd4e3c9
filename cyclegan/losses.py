"""Losses of a CycleGAN beside the adversarial ones, and descriptions of its metrics."""

from __future__ import annotations

import tensorflow as tf

from pipelines.nn.remedies import Remedies


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
    return tf.reduce_sum(tf.abs(one - other)) / (tf.reduce_sum(one + other) + 1e-6)


METRIC_DESCRIPTIONS = {
    "adversarial/band": "Generator loss of the content-to-band direction. LSGAN: about 0.25-0.4 in balance; "
    "near 1 the discriminator has won, near 0 it learns nothing.",
    "adversarial/content": "The same for the band-to-content direction.",
    "identity/band": "Error of restoring corrupted clips of the band, in log-mel units (1 is half the spec's "
    "range). Falls fast in the first hundred steps, then slowly; if it stays above 0.15, train longer or "
    "wider.",
    "identity/content": "The same for content clips; it stays higher, because their instruments differ.",
    "cycle/band": "Error of the band's clips after both translations. Falls with identity/band; near 0 the "
    "generators hide the clip instead of translating it.",
    "cycle/content": "The same for content clips.",
    "content/band": "Distance between the note posteriors of a translation and of its source, if that loss "
    "is on: 0 for the same notes, 1 for no note in common. Falls slowly.",
    "content/content": "The same for the band-to-content direction.",
    "contrast/band": "1 - correlation of the partials of translations with their sources'.",
    "contrast/content": "The same for the band-to-content direction.",
    "rises/band": "1 - correlation of the strokes of translations with their sources'.",
    "rises/content": "The same for the band-to-content direction.",
    "penalty/band": "Gradient penalty of the band's discriminator; 0 in the steps that do not compute it.",
    "penalty/content": "The same for the content's discriminator.",
    "discriminator/band": "LSGAN: falls from 0.5 to 0.15-0.25 and stays. At 0 every translation is "
    "recognised, and the generator learns little from it.",
    "discriminator/content": "The same for the band-to-content direction.",
    "learning_rate/generator": "Learning rate of the generators: constant, then linear to zero at the end.",
    "learning_rate/discriminator": "Learning rate of the discriminators, likewise.",
}

REMEDIES = Remedies(
    muting="Lower optimizer.discriminator_learning_rate, or raise loss.cycle and loss.identity.",
    too_loud="Lower optimizer.learning_rate.",
    identity="Lower loss.identity and loss.cycle, raise loss.adversarial, or train longer.",
    collapse="Raise loss.cycle or lower loss.adversarial.",
    discriminator="Lower optimizer.discriminator_learning_rate, or raise diff_augment.shift and .cut.",
    discriminators=("discriminator/band", "discriminator/content"),
)
"""Advice on the findings of the health checks."""
