"""Decoder network, content -> log-mel of the band, and the translator, encoder and decoder."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from pipelines.audio.spec import AudioSpec
from pipelines.nn.frame_packing import folded, log_mel_of
from pipelines.nn.trunk import residual_trunk
from transcriber.content import CONTENT, probabilities
from transcriber.content_decoder.config import NetworkConfig

KERNEL = 5


def build_decoder(config: NetworkConfig, spec: AudioSpec, name: str) -> keras.Model:
    """1-D residual convolutions along time, normalised per position.

    Returns:
        A functional model, content [batch, frames, CONTENT, 1] -> log-mel [batch, frames, n_mels, 1];
        frames must be a multiple of `config.time_stride`.
    """
    content = keras.Input((None, CONTENT, 1), name="content")
    x = folded(probabilities(content), config.time_stride)
    x = layers.Conv1D(config.width, KERNEL, padding="same", name="stem")(x)
    x = residual_trunk(x, [1] * config.blocks, KERNEL)
    x = layers.LayerNormalization(name="last_norm")(x)
    x = layers.Dense(spec.n_mels * config.time_stride, name="out")(x)
    log_mel = log_mel_of(x, spec.n_mels, config.time_stride, "band_statistics")
    return keras.Model(content, log_mel, name=name)


def build_translator(encoder: keras.Model, decoder: keras.Model) -> keras.Model:
    """Translator, log-mel -> log-mel: the decoder on the output of the encoder; layers are shared."""
    log_mel: Any = encoder.input
    return keras.Model(log_mel, decoder(encoder.output), name="translator")


def context_frames(config: NetworkConfig, transcriber: int) -> int:
    """Frames on either side that an output frame can depend on.

    Args:
        config: of the decoder.
        transcriber: the transcriber's own context.
    """
    return transcriber + config.time_stride * (KERNEL // 2) * (config.blocks + 1) + config.time_stride
