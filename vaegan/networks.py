"""The VAE-GAN's encoder and decoder, and both roads through them as networks from log-mel to log-mel."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from pipelines.audio.spec import AudioSpec
from pipelines.nn.blocks import MelStandardize
from pipelines.nn.fixed_latent import FixedLatent
from pipelines.nn.frame_packing import folded, log_mel_of
from pipelines.nn.precision import EXACT
from pipelines.nn.trunk import residual_trunk
from transcriber.content import CONTENT, probabilities
from vaegan.config import DecoderConfig, EncoderConfig

KERNEL = 5
_ENCODER_KERNEL = 3
_NARROW = -2.0
"""Log-variance that the posterior starts from: a latent that tells little is not drowned in its noise."""


def build_encoder(config: EncoderConfig, spec: AudioSpec) -> keras.Model:
    """The variational encoder: how the band sounds, where what is played does not say it.

    Returns:
        A functional model, log-mel [batch, frames, n_mels, 1] -> mean and log-variance of the posterior,
        [batch, frames / time_stride, latent] each; frames must be a multiple of `config.time_stride`.
    """
    log_mel = keras.Input((None, spec.n_mels, 1), name="log_mel")
    x = MelStandardize(name="band_statistics")(log_mel)
    x = layers.Dense(config.width, name="stem")(folded(x, config.time_stride))
    x = residual_trunk(x, [1] * config.blocks, _ENCODER_KERNEL)
    x = layers.LayerNormalization(name="last_norm")(x)
    narrow = keras.initializers.Constant(_NARROW)
    mean = layers.Dense(config.latent, dtype=EXACT, name="mean")(x)
    log_variance = layers.Dense(config.latent, bias_initializer=narrow, dtype=EXACT, name="log_variance")(x)
    return keras.Model(log_mel, [mean, log_variance], name="encoder")


def build_decoder(
    config: DecoderConfig, latent: int, latent_stride: int, spec: AudioSpec, name: str
) -> keras.Model:
    """The decoder: 1-D residual convolutions along time, normalised per position.

    Args:
        config: sizes.
        latent: numbers of a position of the latent.
        latent_stride: frames of such a position.
        spec: of the log-mels.
        name: of the network.

    Returns:
        A functional model, [content [batch, frames, CONTENT, 1], latent [batch, frames / latent_stride,
        latent]] -> log-mel [batch, frames, n_mels, 1]; frames must be a multiple of `latent_stride`.
    """
    content = keras.Input((None, CONTENT, 1), name="content")
    style = keras.Input((None, latent), name="latent")
    x = folded(probabilities(content), config.time_stride)
    x = layers.Conv1D(config.width, KERNEL, padding="same", name="stem")(x)
    y = layers.Dense(config.width, name="style")(style)
    x = x + layers.UpSampling1D(latent_stride // config.time_stride, name="stretch")(y)
    x = residual_trunk(x, [1] * config.blocks, KERNEL)
    x = layers.LayerNormalization(name="last_norm")(x)
    x = layers.Dense(spec.n_mels * config.time_stride, name="out")(x)
    log_mel = log_mel_of(x, spec.n_mels, config.time_stride, "band_statistics")
    return keras.Model([content, style], log_mel, name=name)


def build_translator(codes: keras.Model, decoder: keras.Model, latent: int, stride: int) -> keras.Model:
    """Log-mel to log-mel: what is played, with one latent; layers are shared.

    Args:
        codes: log-mel -> what the decoder is told of the notes.
        decoder: of that and latents, see `build_decoder`.
        latent: numbers of a latent; its layer is called "latent".
        stride: frames of a position of the latent.
    """
    log_mel: Any = codes.input
    latents = FixedLatent(latent, stride, name="latent")(log_mel)
    return keras.Model(log_mel, decoder([codes.output, latents]), name="translator")


def context_frames(config: DecoderConfig, heard: int) -> int:
    """Frames on either side that a frame of a translation can depend on.

    Args:
        config: of the decoder.
        heard: the transcriber's own context.
    """
    return heard + config.time_stride * (KERNEL // 2) * (config.blocks + 1) + config.time_stride
