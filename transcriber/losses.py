"""Losses of the transcriber: pure functions."""

from __future__ import annotations

import tensorflow as tf


def cross_entropy(labels: tf.Tensor, logits: tf.Tensor, rarity: float = 1.0) -> tf.Tensor:
    """Mean binary cross entropy, in nats.

    Args:
        labels: float32, 1 for yes and 0 for no; any shape.
        logits: the same shape.
        rarity: weight of the yes.
    """
    return tf.reduce_mean(tf.nn.weighted_cross_entropy_with_logits(labels, logits, rarity))
