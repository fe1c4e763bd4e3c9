"""Style encoder, content codes, decoder and domain probe of the disentangled model."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from pipelines.audio.spec import AudioSpec
from pipelines.nn.blocks import MelStandardize
from pipelines.nn.fixed_latent import FixedLatent
from pipelines.nn.frame_packing import folded, log_mel_of
from pipelines.nn.precision import EXACT, computing_in
from pipelines.nn.trunk import residual_trunk
from transcriber.content import CONTENT, probabilities
from vaegan.disentangled.config import CodesConfig, DecoderConfig, StyleConfig
from vaegan.networks import KERNEL, decoder_reach

_ENCODER_KERNEL = 3
_PROBE_WIDTH = 64


def build_style_encoder(config: StyleConfig, spec: AudioSpec) -> keras.Model:
    """Style encoder; the style of a clip, song or band is the mean over its positions.

    Returns:
        A functional model, log-mel [batch, frames, n_mels, 1] -> [batch, frames / time_stride, size]; frames
        must be a multiple of `config.time_stride`.
    """
    log_mel = keras.Input((None, spec.n_mels, 1), name="log_mel")
    x = folded(MelStandardize(name="statistics")(log_mel), config.time_stride)
    x = layers.Dense(config.width, name="stem")(x)
    x = residual_trunk(x, [1] * config.blocks, _ENCODER_KERNEL)
    x = layers.LayerNormalization(name="last_norm")(x)
    return keras.Model(log_mel, layers.Dense(config.size, dtype=EXACT, name="style")(x), name="style_encoder")


def build_learned_codes(config: CodesConfig, stride: int, spec: AudioSpec) -> keras.Model:
    """Encoder of unsupervised content codes, the alternative to the transcriber.

    Args:
        config: sizes.
        stride: frames of a position.
        spec: of the log-mels.

    Returns:
        A functional model, log-mel [batch, frames, n_mels, 1] -> [batch, frames / stride, size], of mean
        zero and deviation one over the dimensions of each position, so that noise on them has an effect.
    """
    log_mel = keras.Input((None, spec.n_mels, 1), name="log_mel")
    x = folded(MelStandardize(name="statistics")(log_mel), stride)
    x = layers.Dense(config.width, name="stem")(x)
    x = residual_trunk(x, [1] * config.blocks, _ENCODER_KERNEL)
    x = layers.Dense(config.size, name="squeeze")(layers.LayerNormalization(name="last_norm")(x))
    codes = layers.LayerNormalization(center=False, scale=False, dtype=EXACT, name="codes")(x)
    return keras.Model(log_mel, codes, name="codes")


@computing_in(EXACT)
def build_transcriber_codes(stride: int) -> keras.Model:
    """Layers that pack the transcriber's content (see transcriber/content.py) into positions.

    Args:
        stride: frames of a position.

    Returns:
        A functional model, content [batch, frames, CONTENT, 1] -> [batch, frames / stride, stride * CONTENT].
    """
    content = keras.Input((None, CONTENT, 1), name="content")
    return keras.Model(content, folded(probabilities(content), stride), name="codes")


def build_translator(
    content_encoder: keras.Model, decoder: keras.Model, latent: int, stride: int
) -> keras.Model:
    """Translator, log-mel -> log-mel: the decoder on the codes and one fixed style; layers are shared.

    Args:
        content_encoder: log-mel -> codes.
        decoder: of codes and styles, see `build_decoder`.
        latent: dimensions of a style; its layer is called "latent".
        stride: frames of a position of the style.
    """
    log_mel: Any = content_encoder.input
    latents = FixedLatent(latent, stride, name="latent")(log_mel)
    return keras.Model(log_mel, decoder([content_encoder.output, latents]), name="translator")


def build_decoder(config: DecoderConfig, codes: int, style: int, spec: AudioSpec, name: str) -> keras.Model:
    """Decoder of 1-D residual convolutions along time, scaled and shifted by the style.

    The scales and shifts are those of FiLM (Perez et al. 2018).

    Args:
        config: sizes.
        codes: dimensions of a code.
        style: dimensions of a style.
        spec: of the log-mels.
        name: of the network.

    Returns:
        A functional model, [codes [batch, positions, codes], styles [batch, positions, style]] -> log-mel
        [batch, positions * time_stride, n_mels, 1].
    """
    content = keras.Input((None, codes), name="content")
    styles = keras.Input((None, style), name="styles")
    x = layers.Conv1D(config.width, KERNEL, padding="same", name="stem")(content)
    x = residual_trunk(x, [1] * config.blocks, KERNEL, style=styles)
    x = layers.LayerNormalization(name="last_norm")(x)
    width = spec.n_mels * config.time_stride
    x = layers.Dense(width, name="out")(x) + layers.Dense(width, name="spectrum")(styles)
    log_mel = log_mel_of(x, spec.n_mels, config.time_stride, "statistics")
    return keras.Model([content, styles], log_mel, name=name)


def build_probe(codes: int) -> keras.Model:
    """Domain probe: codes [batch, positions, codes] -> logits of the domain [batch, positions, 1]."""
    content = keras.Input((None, codes), name="content")
    x = layers.Conv1D(_PROBE_WIDTH, KERNEL, padding="same", activation="relu", name="hidden")(content)
    return keras.Model(content, layers.Dense(1, dtype=EXACT, name="logit")(x), name="probe")


def context_frames(decoder: DecoderConfig, codes: CodesConfig, transcriber_context: int) -> int:
    """Frames on either side that a frame of a translation can depend on.

    Args:
        decoder: sizes.
        codes: likewise.
        transcriber_context: context frames of the transcriber.
    """
    learned = decoder.time_stride * (_ENCODER_KERNEL // 2 * codes.blocks + 1)
    before = transcriber_context if codes.source == "transcriber" else learned
    return before + decoder_reach(decoder.time_stride, decoder.blocks, refiner=False)
