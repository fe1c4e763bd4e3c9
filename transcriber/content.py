"""Content, the input of decoders: note logits of the transcriber, and the level."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from scipy import special

from pipelines.audio.spec import AudioSpec
from pipelines.nn.pitch_axis import PITCHES
from pipelines.nn.precision import EXACT, computing_in
from pipelines.nn.quantile_map import PiecewiseLinear
from transcriber.config import ContentConfig
from transcriber.piano_roll import DRUM_CLASSES

NOTE_LOGITS = 2 * PITCHES + len(DRUM_CLASSES)
"""Number of note logits of a frame: sounding, onset and drums."""

CONTENT = NOTE_LOGITS + 1
"""Number of content features of a frame: note logits and level."""

SCALE = 0.25
"""Factor that brings logits to a standard deviation of about one."""

SHARES = np.linspace(0.01, 0.99, 15)
"""Quantiles that map the levels of a domain."""


@computing_in(EXACT)
def build_encoder(transcriber: keras.Model, spec: AudioSpec) -> keras.Model:
    """Content encoder, note logits and level: log-mel -> content [batch, frames, CONTENT, 1].

    The level is mapped to a normal distribution, so that all domains have the same; see
    `set_levels`.

    Args:
        transcriber: see `transcriber.networks.build_network`; its layers are shared and not trained.
        spec: of the log-mels.
    """
    log_mel = keras.Input((None, spec.n_mels, 1), name="log_mel")
    outputs = transcriber(log_mel)
    mean = layers.Reshape((-1, 1), name="mean_level")(keras.ops.mean(log_mel, axis=2))
    level = PiecewiseLinear(len(SHARES), name="level")(mean)
    logits = layers.Concatenate(name="note_logits")(
        [outputs[each] for each in ("sounding", "onset", "drums")]
    )
    content = layers.Concatenate(name="content")([logits * SCALE, level])
    return keras.Model(log_mel, layers.Reshape((-1, CONTENT, 1), name="map")(content), name="encoder")


def from_clips(encoder: keras.Model, batch: Mapping[str, tf.Tensor], domain: str) -> tf.Tensor:
    """Content of a batch's clips; cached note logits are used where the batch has them.

    Args:
        encoder: of the domain, see `build_encoder`.
        batch: log-mels [batch, frames, n_mels, 1] by domain, and optionally logits [batch, frames,
            NOTE_LOGITS] as "DOMAIN/note_logits" (see `transcriber.feature_cache`).
        domain: "content" or "band".

    Returns:
        [batch, frames, CONTENT, 1].
    """
    if (logits := batch.get(f"{domain}/note_logits")) is None:
        return encoder(batch[domain], training=False)
    level = encoder.get_layer("level")(tf.reduce_mean(batch[domain], axis=2))
    return tf.concat([SCALE * logits, level], axis=-1)[..., None]


def probabilities(content: Any) -> Any:
    """Note probabilities, scaled to [-1, 1], and the level, unchanged: the first layers of every decoder.

    The logit of a pitch that does *not* sound depends on the spectrum of the decoder's own band, and has
    other values for another band's song; probabilities saturate there. Without this, brass was 0.5 dB further
    from the truth.

    Args:
        content: a Keras tensor, see `build_encoder`.
    """
    posteriors = layers.Activation("tanh", name="probabilities")(content[:, :, :-1] / (2 * SCALE))
    return layers.Concatenate(axis=2, name="decoder_input")([posteriors, content[:, :, -1:]])


def set_levels(encoder: keras.Model, log_mels: np.ndarray) -> None:
    """Sets the distribution of a domain's levels.

    Args:
        encoder: see `build_encoder`.
        log_mels: clips of the domain, [clips, frames, n_mels, 1].
    """
    found = np.quantile(log_mels.mean(axis=2), SHARES)
    encoder.get_layer("level").set_points(found, special.ndtri(SHARES))


def perturbed(content: tf.Tensor, config: ContentConfig, seeds: Iterator[tf.Tensor]) -> tf.Tensor:
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
