"""Corruption of the clips that a generator restores, and DiffAugment of a discriminator's input."""

from __future__ import annotations

import tensorflow as tf

from cyclegan.config import CorruptionConfig, DiffAugmentConfig
from pipelines.nn import diff_augment


def corrupt(clip: tf.Tensor, other: tf.Tensor | None, config: CorruptionConfig, seed: tf.Tensor) -> tf.Tensor:
    """Clips without their timbre, whose notes are kept, as an input from which a generator restores them.

    Args:
        clip: log-mels [batch, frames, mels, 1].
        other: clips of the other domain, whose long-term spectrum and spread the clips are given;
            None for none.
        config: amounts.
        seed: int32 [2].

    Returns:
        Log-mels of the same shape, not below silence.
    """
    seeds = iter(tf.unstack(tf.random.split(seed, 6)))
    if other is not None:
        with_envelope = diff_augment.lend_envelope(clip, other, next(seeds), config.envelope_width)
        with_statistics = diff_augment.lend_statistics(clip, other)
        clip = diff_augment.choose(with_statistics, with_envelope, next(seeds), config.envelope)
    clip = diff_augment.low_pass(clip, next(seeds), config.low_pass)
    clip = diff_augment.gain(clip, next(seeds), config.gain)
    clip = diff_augment.equalize(clip, next(seeds), config.equalizer, config.knots)
    return tf.maximum(diff_augment.noise(clip, next(seeds), config.noise), -1.0)


def augmented(clip: tf.Tensor, config: DiffAugmentConfig, seed: tf.Tensor) -> tf.Tensor:
    """Augmented clips, the input of a discriminator (Zhao et al. 2020, DiffAugment; no shift in frequency).

    Args:
        clip: log-mels [batch, frames, mels, 1].
        config: amounts.
        seed: int32 [2].
    """
    seeds = tf.unstack(tf.random.split(seed, 3))
    clip = diff_augment.gain(clip, seeds[0], config.gain)
    clip = diff_augment.time_shift(clip, seeds[1], config.shift)
    return diff_augment.cut_out(clip, seeds[2], config.cut)
