"""Augmentation of the transcriber's clips: gain, equalizer, noise, and mixtures of two clips."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import tensorflow as tf

from pipelines.audio.scaling import scale, unscale
from pipelines.audio.spec import AudioSpec
from pipelines.nn import diff_augment
from transcriber.config import AugmentConfig

LABELS = ("sounding", "onset", "drums")


def augmented(
    spec: AudioSpec,
    batch: Mapping[str, tf.Tensor],
    config: AugmentConfig,
    seeds: Iterator[tf.Tensor],
    groups: int = 1,
) -> dict[str, tf.Tensor]:
    """Augmented batch: some clips mixed, all of them with a random equalizer, gain and noise.

    Args:
        spec: of the log-mels.
        batch: "log_mel" [batch, frames, n_mels, 1] and the labels [batch, frames, ...].
        config: strength of the augmentation.
        seeds: int32 [2] each.
        groups: number of equal parts of the batch, in which the same clips are mixed with the same
            neighbours: 2 for a batch of twins, which remain twins.
    """
    batch = _mixed(spec, batch, config.mix, next(seeds), groups)
    log_mel = diff_augment.equalize(batch["log_mel"], next(seeds), config.equalizer, config.knots)
    log_mel = diff_augment.gain(log_mel, next(seeds), config.gain)
    log_mel = diff_augment.noise(log_mel, next(seeds), config.noise)
    return batch | {"log_mel": tf.clip_by_value(log_mel, -1.0, 1.0)}


def _mixed(
    spec: AudioSpec, batch: Mapping[str, tf.Tensor], share: float, seed: tf.Tensor, groups: int
) -> dict[str, tf.Tensor]:
    """Some clips together with their neighbour in the batch: energies add up, and so do notes."""
    log_mel = batch["log_mel"]
    size = tf.shape(log_mel)[0] // groups
    chance = tf.tile(tf.random.stateless_uniform([size], seed) < share, [groups])

    def neighbours(x: tf.Tensor) -> tf.Tensor:
        parts = tf.reshape(x, tf.concat([[groups, size], tf.shape(x)[1:]], axis=0))
        return tf.reshape(tf.roll(parts, 1, axis=1), tf.shape(x))

    both = tf.norm([unscale(tf.math, spec, x) for x in (log_mel, neighbours(log_mel))], axis=0)
    sums = {"log_mel": scale(tf.math, spec, both)}
    sums |= {name: tf.maximum(batch[name], neighbours(batch[name])) for name in LABELS}
    return {
        name: tf.where(tf.reshape(chance, [-1] + [1] * (x.shape.rank - 1)), sums[name], x)
        for name, x in batch.items()
    }
