"""Augmentation of training clips in the input pipeline: gain, equalizer, noise and SpecAugment masks.

Coverband augments in three places:

- before training, recordings: `augmented_copies` chooses pitches and tempos, `pipelines.audio.pitch_time`
  changes waveforms, and `prepare` writes the copies to shards of their own;
- in the input pipeline, log-mels of the batches: this module, configured by `config.AugmentConfig`;
- in the training step, log-mels of real and translated clips alike: `pipelines.nn.diff_augment`, which is
  differentiable and whose functions this module uses, too.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from pipelines.data.batching import Augment
from pipelines.data.config import AugmentConfig
from pipelines.data.schema import DOMAINS
from pipelines.nn import diff_augment

MASKS = 1024
"""Number of precomputed masks per axis, from which every clip draws."""

# Indices of the seeds that are split from a clip's; a change of their number would change all draws.
_TIME, _MEL, _GAIN, _EQUALIZER, _NOISE = range(5)


def from_config(config: AugmentConfig, frames: int, mels: int) -> Augment | None:
    """Augmentation of the batches of `unpaired_batches`; None if every kind is disabled.

    Args:
        config: amount of each kind; content clips are augmented only if `config.content` is true.
        frames: number of frames of a clip.
        mels: number of mel bands of a clip.

    Returns:
        A pure function of a batch and a seed (int32 [2]) for `tf.data`; frame features stay unchanged.
    """
    if not config.is_enabled:
        return None
    augment_clips = _LogMelAugmentation(config, frames, mels)
    domains = DOMAINS if config.content else ("band",)

    def augment(batch: Mapping[str, tf.Tensor], seed: tf.Tensor) -> dict[str, tf.Tensor]:
        seeds = tf.unstack(tf.random.split(seed, len(DOMAINS)))[-len(domains) :]
        augmented = {
            domain: augment_clips(batch[domain], seed) for domain, seed in zip(domains, seeds, strict=True)
        }
        return {**batch, **augmented}

    return augment


class _LogMelAugmentation:
    """Gain, equalizer, noise and masks of log-mels, in this order: masked regions stay silent."""

    def __init__(self, config: AugmentConfig, frames: int, mels: int) -> None:
        self._config = config
        self._time_masks = _masks(config.time_masks, frames, config.time_width, 0)
        self._mel_masks = _masks(config.mel_masks, mels, config.mel_width, 1)

    def __call__(self, clips: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Augmented clips in [-1, 1], from silence to full scale.

        Args:
            clips: log-mels [batch, frames, mels, 1].
            seed: int32 [2].
        """
        config, seeds = self._config, tf.unstack(tf.random.split(seed, 5))
        clips = diff_augment.gain(clips, seeds[_GAIN], config.gain)
        clips = diff_augment.equalize(clips, seeds[_EQUALIZER], config.equalizer, config.knots)
        clips = tf.clip_by_value(diff_augment.noise(clips, seeds[_NOISE], config.noise), -1.0, 1.0)
        batch = tf.shape(clips)[0]
        times = _sample_masks(self._time_masks, batch, config.time_masks, seeds[_TIME])
        mels = _sample_masks(self._mel_masks, batch, config.mel_masks, seeds[_MEL])
        return tf.where(times[:, :, None, None] | mels[:, None, :, None], -1.0, clips)


def _masks(per_clip: int, length: int, width: int, seed: int) -> np.ndarray:
    """Masks of one axis, bool [masks, length]; a single empty one if a clip has none."""
    if not per_clip:
        return np.zeros((1, length), bool)
    from pipelines.audio import tfio  # here, since it takes seconds to load

    return tfio.random_masks(length, min(width, length), count=MASKS, seed=seed)


def _sample_masks(masks: np.ndarray, batch: tf.Tensor, count: int, seed: tf.Tensor) -> tf.Tensor:
    """Union of `count` random masks for every clip: bool [batch, length]."""
    index = tf.random.stateless_uniform([batch, max(count, 1)], seed, 0, len(masks), tf.int32)
    return tf.reduce_any(tf.gather(tf.constant(masks), index), axis=1)
