"""Encoder of content, decoder of log-mel patches, and the translator of both."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from pipelines.audio.spec import AudioSpec
from pipelines.nn.frame_packing import folded, log_mel_of
from pipelines.nn.segments import JoinSegments, SplitSegments
from pipelines.nn.transformer import PatchDecoder, TransformerBlock
from transcriber.content import CONTENT, probabilities
from transcriber.seq2seq.config import Config, NetworkConfig


def build_encoder(config: NetworkConfig) -> keras.Model:
    """Encoder, content [batch, frames, CONTENT, 1] -> memory [batch, frames / patch, width]."""
    content = keras.Input((None, CONTENT, 1), name="content")
    x = layers.Dense(config.width, name="embedding")(folded(probabilities(content), config.patch))
    for i in range(config.encoder_blocks):
        x = TransformerBlock(config.heads, config.reach, name=f"block{i}")(x)
    return keras.Model(content, layers.LayerNormalization(name="norm")(x), name="encoder")


def build_decoder(config: NetworkConfig, spec: AudioSpec) -> PatchDecoder:
    """Decoder of patches, in deviations of the band, from the memory of the encoder."""
    return PatchDecoder(
        spec.n_mels * config.patch,
        config.decoder_blocks,
        config.heads,
        config.reach,
        config.bound,
        name="decoder",
    )


def build_log_mel(config: NetworkConfig, spec: AudioSpec) -> keras.Model:
    """Log-mels [batch, frames, n_mels, 1] of patches in deviations of the band."""
    patches = keras.Input((None, spec.n_mels * config.patch), name="patches")
    log_mel = log_mel_of(patches, spec.n_mels, config.patch, "band_statistics")
    return keras.Model(patches, log_mel, name="band_log_mel")


def build_forced(
    encoder: keras.Model, decoder: PatchDecoder, log_mel: keras.Model, config: NetworkConfig
) -> keras.Model:
    """Prediction of every patch from those before it, for training (teacher forcing).

    Args:
        encoder: see `build_encoder`; all layers are shared.
        decoder: see `build_decoder`.
        log_mel: see `build_log_mel`.
        config: of the networks.

    Returns:
        A functional model, [content [batch, frames, CONTENT, 1], what was there, in deviations of the band
        [batch, frames, n_mels, 1]] -> log-mel of the same shape.
    """
    content = keras.Input((None, CONTENT, 1), name="content")
    past = keras.Input((None, decoder.numbers // config.patch, 1), name="past")
    patches = decoder(encoder(content), folded(past, config.patch))
    return keras.Model([content, past], log_mel(patches), name="forced")


def build_free(encoder: keras.Model, decoder: PatchDecoder, log_mel: keras.Model) -> keras.Model:
    """Prediction of every patch from the predictions before it; see `build_forced`.

    Returns:
        A functional model, content [batch, frames, CONTENT, 1] -> log-mel [batch, frames, n_mels, 1].
    """
    content = keras.Input((None, CONTENT, 1), name="content")
    return keras.Model(content, log_mel(decoder(encoder(content))), name="free")


def build_translator(content_encoder: keras.Model, free: keras.Model, config: Config) -> keras.Model:
    """Translator, log-mel -> log-mel, segment by segment.

    Args:
        content_encoder: see `transcriber.content.build_encoder`; all layers are shared.
        free: see `build_free`.
        config: of the run.
    """
    log_mel: Any = content_encoder.input
    content = SplitSegments(config.data.frames, config.warm_up_frames, name="split")(content_encoder.output)
    translation = JoinSegments(config.warm_up_frames, name="join")(free(content), log_mel)
    return keras.Model(log_mel, translation, name="translator")
