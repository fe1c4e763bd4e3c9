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


def consistency(logits: tf.Tensor, teacher: tf.Tensor, weight: tf.Tensor) -> tf.Tensor:
    """Cross entropy of the posteriors of twins to the mean of what a teacher says of both.

    After the mean teacher of Tarvainen & Valpola 2017, "Mean teachers are better role models", section 2.

    Args:
        logits: [2 * pairs, ...], of a batch whose halves are twins.
        teacher: the same shape, of averaged weights; no gradient flows into them.
        weight: of the numbers, of the same shape or broadcast to it.

    Returns:
        Weighted mean, nats: the entropy of the teacher at least.
    """
    mean = tf.reduce_mean(tf.stack(tf.split(tf.sigmoid(teacher), 2)), axis=0)
    target = tf.stop_gradient(tf.concat([mean, mean], axis=0))
    losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=target, logits=logits)
    weight = tf.broadcast_to(weight, tf.shape(losses))
    return tf.reduce_sum(weight * losses) / tf.reduce_sum(weight)


def alike(labels: tf.Tensor) -> tf.Tensor:
    """1 where the labels of twins agree, 0 where a note is heard in one alone, since one instrument decays.

    Args:
        labels: 0 or 1, [2 * pairs, ...], of a batch whose halves are twins.

    Returns:
        The same shape.
    """
    one, other = tf.split(labels, 2)
    same = 1.0 - tf.abs(one - other)
    return tf.concat([same, same], axis=0)


def edges(sounding: tf.Tensor, width: int = 5) -> tf.Tensor:
    """1 near the beginning and the end of a note, where labels are least to be trusted; 0 elsewhere.

    Args:
        sounding: 0 or 1, [batch, frames, pitches].
        width: number of frames that are near, an odd number.

    Returns:
        The same shape.
    """
    change = tf.abs(sounding[:, 1:] - sounding[:, :-1])
    change = tf.pad(change, [[0, 0], [1, 0], [0, 0]])[..., None]
    return tf.nn.max_pool2d(change, (width, 1), 1, "SAME")[..., 0]


METRIC_DESCRIPTIONS = {
    "sounding": "Cross entropy of sounding pitches. Falls fast at first, then slowly.",
    "onset": "Cross entropy of onsets; an onset weighs more than its absence.",
    "drums": "Cross entropy of drum strokes; uneven, because only some clips have drums.",
    "consistency": "Cross entropy of twins' posteriors to their teacher's mean: falls as far as the teacher "
    "is sure.",
    "learning_rate/transcriber": "Learning rate: constant, then linear to zero at the end.",
    "f1/frame": "F1 of sounding pitches in the validation split, frame by frame. Rises; see the preset's "
    "docstring for its expected value.",
    "f1/onset": "F1 of notes whose onset and pitch are right, within 50 ms.",
    "f1/note": "F1 of notes whose onset, pitch and offset are right, the offset within 50 ms or a fifth of "
    "the note.",
    "f1/drums": "F1 of strokes of the right class, within 50 ms.",
}
