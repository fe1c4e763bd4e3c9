"""Corruption of the clips that a generator restores, and DiffAugment of a discriminator's input."""

from __future__ import annotations

import tensorflow as tf

from cyclegan.config import AugmentConfig, DisguiseConfig
from pipelines.nn import diff_augment
from pipelines.nn.philox import split


def disguise(clip: tf.Tensor, other: tf.Tensor | None, config: DisguiseConfig, seed: tf.Tensor) -> tf.Tensor:
    """Takes a clip's timbre away and leaves its notes: what a generator has to translate looks like this.

    Args:
        clip: log-mels [batch, frames, mels, 1].
        other: clips of the other domain, whose long-term spectrum and spread the clips are given;
            None for none.
        config: how much of each alteration.
        seed: int32 [2].

    Returns:
        Log-mels of the same shape, not below silence.
    """
    seeds = iter(split(seed, 6))
    if other is not None:
        dressed = diff_augment.lend_envelope(clip, other, next(seeds), config.envelope_width)
        clip = diff_augment.choose(
            diff_augment.lend_statistics(clip, other), dressed, next(seeds), config.envelope
        )
    clip = diff_augment.low_pass(clip, next(seeds), config.low_pass)
    clip = diff_augment.gain(clip, next(seeds), config.gain)
    clip = diff_augment.equalize(clip, next(seeds), config.equalizer, config.knots)
    return tf.maximum(diff_augment.noise(clip, next(seeds), config.noise), -1.0)


def show(clip: tf.Tensor, config: AugmentConfig, seed: tf.Tensor) -> tf.Tensor:
    """A clip as a discriminator sees it (DiffAugment, without any shift in frequency).

    Args:
        clip: log-mels [batch, frames, mels, 1].
        config: how much of each alteration.
        seed: int32 [2].
    """
    seeds = split(seed, 3)
    clip = diff_augment.gain(clip, seeds[0], config.gain)
    clip = diff_augment.time_shift(clip, seeds[1], config.shift)
    return diff_augment.cut_out(clip, seeds[2], config.cut)
