"""Augmentation of training clips in the input pipeline: gain, equalizer, noise and SpecAugment masks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from pipelines.data.batching import Alter
from pipelines.data.config import AugmentConfig
from pipelines.data.schema import DOMAINS
from pipelines.nn import diff_augment

MASKS = 1024
"""Masks of either kind, of which every clip has some."""

# Seeds of a batch, and of a clip's alterations: were there fewer, all draws would change.
_TIME, _MEL, _GAIN, _EQUALIZER, _NOISE = range(5)


def of(config: AugmentConfig, frames: int, mels: int) -> Alter | None:
    """Augmentation function for the batches of `unpaired_batches`; None if every augmentation is off.

    Args:
        config: amount of each augmentation; content clips are augmented only if `config.content` is True.
        frames: number of frames of a clip.
        mels: number of mel bands of a clip.

    Returns:
        A pure function of a batch and a seed (int32 [2]) for `tf.data`; companion features stay unchanged.
    """
    if not config.wanted:
        return None
    alter = _Alteration(config, frames, mels)
    domains = DOMAINS if config.content else ("band",)

    def altered(batch: Mapping[str, tf.Tensor], seed: tf.Tensor) -> dict[str, tf.Tensor]:
        seeds = zip(domains, tf.unstack(tf.random.split(seed, len(DOMAINS)))[-len(domains) :], strict=True)
        return {**batch, **{domain: alter(batch[domain], own) for domain, own in seeds}}

    return altered


class _Alteration:
    """Gain, equalizer, noise and masks of log-mels, in this order."""

    def __init__(self, config: AugmentConfig, frames: int, mels: int) -> None:
        self._config = config
        self._times = _masks(config.time_masks, frames, config.time_width, 0)
        self._mels = _masks(config.mel_masks, mels, config.mel_width, 1)

    def __call__(self, clips: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Altered clips, not below silence and not above full scale.

        Args:
            clips: log-mels [batch, frames, mels, 1].
            seed: int32 [2].
        """
        config, seeds = self._config, tf.unstack(tf.random.split(seed, 5))
        clips = diff_augment.gain(clips, seeds[_GAIN], config.gain)
        clips = diff_augment.equalize(clips, seeds[_EQUALIZER], config.equalizer, config.knots)
        clips = tf.clip_by_value(diff_augment.noise(clips, seeds[_NOISE], config.noise), -1.0, 1.0)
        times = _chosen(self._times, tf.shape(clips)[0], config.time_masks, seeds[_TIME])
        mels = _chosen(self._mels, tf.shape(clips)[0], config.mel_masks, seeds[_MEL])
        return tf.where(times[:, :, None, None] | mels[:, None, :, None], -1.0, clips)


def _masks(wanted: int, length: int, width: int, seed: int) -> np.ndarray:
    """bool [masks, length], one without any run if none is wanted."""
    if not wanted:
        return np.zeros((1, length), bool)
    from pipelines.audio import tfio  # here, for it takes seconds to load

    return tfio.masks(length, min(width, length), count=MASKS, seed=seed)


def _chosen(masks: np.ndarray, batch: tf.Tensor, count: int, seed: tf.Tensor) -> tf.Tensor:
    """Some masks for every clip, put together: bool [batch, length]."""
    index = tf.random.stateless_uniform([batch, max(count, 1)], seed, 0, len(masks), tf.int32)
    return tf.reduce_any(tf.gather(tf.constant(masks), index), axis=1)
