"""Perturbation of the content that decoders are conditioned on in training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import keras
import tensorflow as tf

from pipelines.nn import diff_augment
from pipelines.nn.source_view import RISES, GroupLevels, averaged, contrast, rises
from transcriber.config import ContentConfig, ViewConfig
from transcriber.content import SCALE, from_clips, with_view

Seeds = Iterator[tf.Tensor]

_BLURS = ((1, 1), (1, 3), (3, 1), (3, 3), (5, 1), (5, 3))
"""Frames and bands of the moving averages that the contrast is computed from."""
_LEAST_CUT, _MOST_CUT = 0.4, 1.6
"""Range of the band above which the contrast is silent, relative to its bands; above 1 there is none."""


def perturbed(content: tf.Tensor, config: ContentConfig, seeds: Seeds) -> tf.Tensor:
    """Perturbed content: note logits scaled per clip and with noise; the level with an offset and noise.

    Args:
        content: [batch, frames, CONTENT, 1].
        config: strength of the perturbation.
        seeds: int32 [2] each; five of them.
    """
    logits, level = content[:, :, :-1], content[:, :, -1:]
    batch, width = tf.shape(content)[0], logits.shape[2]
    factor = tf.random.stateless_uniform([batch, 1, 1, 1], next(seeds), config.least, config.most)
    of_pitch = config.pitch_noise * tf.random.stateless_normal([batch, 1, width, 1], next(seeds))
    of_all = config.noise * tf.random.stateless_normal(tf.shape(logits), next(seeds))
    logits = factor * logits + SCALE * (of_pitch + of_all)
    offset = config.level * tf.random.stateless_normal([batch, 1, 1, 1], next(seeds))
    level += offset + config.level_noise * tf.random.stateless_normal(tf.shape(level), next(seeds))
    return tf.concat([logits, level], axis=2)


def perturbed_clips(
    encoder: keras.Model,
    clips: Mapping[str, tf.Tensor],
    domain: str,
    config: Any,
    seeds: Seeds,
    group_levels: GroupLevels | None = None,
) -> tf.Tensor:
    """Perturbed content of the clips of a domain, with a perturbed view.

    Args:
        encoder: of the domain, see `transcriber.content.build_encoder`.
        clips: see `transcriber.content.from_clips`.
        domain: "content" or "band".
        config: of the run, with the strengths `content` and `view`.
        seeds: int32 [2] each; eighteen of them, and five more with levels.
        group_levels: of the domain, see `pipelines.nn.source_view.GroupLevels`; None for a view
            without levels.
    """
    notes = perturbed(from_clips(encoder, clips, domain), config.content, seeds)
    levels = None if group_levels is None else group_levels(clips[domain])
    return with_perturbed_view(notes, clips[domain], config.view, seeds, levels)


def with_perturbed_view(
    content: tf.Tensor,
    log_mel: tf.Tensor,
    config: ViewConfig,
    seeds: Seeds,
    levels: tf.Tensor | None = None,
) -> tf.Tensor:
    """Content with a perturbed view, in which groups are absent from some of the clips.

    The contrast is that of the equalised, blurred and noisy log-mel, scaled, with noise and a random upper
    cut. Levels are scaled, with noise and offsets that hide the balance of the groups. The presences of both
    are 0, 1, or uniform between them, the same for all frames of a clip.

    Args:
        content: [batch, frames, CONTENT, 1].
        log_mel: [batch, frames, mels, 1].
        config: strength of the perturbation.
        seeds: int32 [2] each; thirteen of them, and five more with levels.
        levels: of groups of bands, [batch, frames, RISES], if the view has any.

    Returns:
        See `transcriber.content.build_view_encoder`.
    """
    batch = tf.shape(log_mel)[0]

    def uniform(low: float, high: float, numbers: int = 1) -> tf.Tensor:
        return tf.random.stateless_uniform([batch, 1, numbers], next(seeds), low, high)

    def normal(like: tf.Tensor) -> tf.Tensor:
        return tf.random.stateless_normal(tf.shape(like), next(seeds))

    def unless(share: float) -> tf.Tensor:
        return tf.cast(uniform(0.0, 1.0) >= share, tf.float32)

    def partial(absent: float, share: float) -> tf.Tensor:
        return tf.clip_by_value(uniform(-absent, 1.0) / share, 0.0, 1.0)

    heard = diff_augment.equalize(log_mel, next(seeds), config.equalizer, config.knots)[..., 0]
    blurred = tf.stack([averaged(heard, *blur) for blur in _BLURS], axis=1)
    choice = tf.random.stateless_uniform([batch], next(seeds), 0, len(_BLURS), tf.int32)
    heard = tf.gather(blurred, choice, axis=1, batch_dims=1)
    seen = contrast(tf.maximum(heard + uniform(0.0, config.noise) * normal(heard), -1.0))
    seen *= uniform(1.0 - config.gain, 1.0 + config.gain)
    seen += uniform(0.0, config.contrast_noise) * normal(seen)
    bands = seen.shape[2]
    cut = uniform(_LEAST_CUT * bands, _MOST_CUT * bands)
    seen = tf.where(tf.range(bands, dtype=tf.float32) < cut, seen, 0.0)

    risen = rises(log_mel[..., 0]) * uniform(1.0 - config.gain, 1.0 + config.gain)
    risen *= uniform(1.0 - config.gain, 1.0 + config.gain, RISES)

    frames = tf.shape(log_mel)[1]
    of_contrast = partial(config.drop_contrast, config.partial)
    presences = tf.concat([unless(config.drop_notes), of_contrast, unless(config.drop_rises)], axis=-1)
    presences = tf.repeat(presences, frames, axis=1)
    if levels is None:
        return with_view(content, seen, risen, presences)
    levels *= uniform(1.0 - config.gain, 1.0 + config.gain)
    levels += uniform(-config.level, config.level)
    levels += uniform(-config.group_level, config.group_level, RISES)
    levels += config.level_noise * normal(levels)
    of_levels = partial(config.drop_levels, config.partial_levels)
    return with_view(content, seen, risen, presences, (levels, tf.repeat(of_levels, frames, axis=1)))
