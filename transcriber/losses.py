"""Losses of the transcriber, and descriptions of its metrics."""

from __future__ import annotations

import tensorflow as tf


def cross_entropy(labels: tf.Tensor, logits: tf.Tensor, rarity: float = 1.0) -> tf.Tensor:
    """Mean binary cross entropy, in nats.

    Args:
        labels: float32, 1 or 0, any shape.
        logits: the same shape.
        rarity: weight of the positive labels.
    """
    return tf.reduce_mean(tf.nn.weighted_cross_entropy_with_logits(labels, logits, rarity))


METRIC_DESCRIPTIONS = {
    "sounding": "Cross entropy of sounding pitches. Falls fast at first, then slowly.",
    "onset": "Cross entropy of onsets; an onset weighs more than its absence.",
    "drums": "Cross entropy of drum strokes; uneven, because only some clips have drums.",
    "learning_rate/transcriber": "Learning rate: constant, then linear to zero at the end.",
    "f1/frame": "F1 of sounding pitches in the validation split, frame by frame. Rises; see the preset's "
    "docstring for its expected value.",
    "f1/onset": "F1 of notes whose onset and pitch are right, within 50 ms.",
    "f1/note": "F1 of notes whose onset, pitch and offset are right, the offset within 50 ms or a fifth of "
    "the note.",
    "f1/drums": "F1 of strokes of the right class, within 50 ms.",
}
