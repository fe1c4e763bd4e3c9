"""Networks of a VAE-GAN: encoder, decoder, discriminator, and the translator that they make."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from keras import layers

from pipelines.audio.spec import AudioSpec
from pipelines.nn import discriminators
from pipelines.nn.blocks import MelStandardize
from pipelines.nn.fixed_latent import FixedLatent
from pipelines.nn.frame_packing import folded, log_mel_of
from pipelines.nn.precision import EXACT
from pipelines.nn.trunk import residual_trunk
from transcriber.content import CONTENT, probabilities
from vaegan.config import Config, DecoderConfig, EncoderConfig

KERNEL = 5
_ENCODER_KERNEL = 3
_INITIAL_LOG_VARIANCE = -2.0
"""Log-variance of the untrained posterior: below the prior's, so that noise does not hide a weak latent."""


def build_encoder(config: EncoderConfig, spec: AudioSpec) -> keras.Model:
    """Variational encoder: the band's sound, as far as the content does not determine it.

    Returns:
        A functional model, log-mel [batch, frames, n_mels, 1] -> mean and log-variance of the posterior,
        [batch, frames / time_stride, latent] each; frames must be a multiple of `config.time_stride`.
    """
    log_mel = keras.Input((None, spec.n_mels, 1), name="log_mel")
    x = MelStandardize(name="band_statistics")(log_mel)
    x = layers.Dense(config.width, name="stem")(folded(x, config.time_stride))
    x = residual_trunk(x, [1] * config.blocks, _ENCODER_KERNEL)
    x = layers.LayerNormalization(name="last_norm")(x)
    narrow = keras.initializers.Constant(_INITIAL_LOG_VARIANCE)
    mean = layers.Dense(config.latent, dtype=EXACT, name="mean")(x)
    log_variance = layers.Dense(config.latent, bias_initializer=narrow, dtype=EXACT, name="log_variance")(x)
    return keras.Model(log_mel, [mean, log_variance], name="encoder")


def build_decoder(config: Config, name: str = "decoder") -> keras.Model:
    """Decoder: 1-D residual convolutions along time, normalised per position.

    Args:
        config: of the run.
        name: of the network.

    Returns:
        A functional model, [content [batch, frames, CONTENT, 1], latent [batch, frames / latent_stride,
        latent]] -> log-mel [batch, frames, n_mels, 1]; latent_stride is the encoder's time stride, of which
        frames must be a multiple.
    """
    sizes, spec = config.decoder, config.spec
    content = keras.Input((None, CONTENT, 1), name="content")
    latent = keras.Input((None, config.encoder.latent), name="latent")
    x = folded(probabilities(content), sizes.time_stride)
    x = layers.Conv1D(sizes.width, KERNEL, padding="same", name="stem")(x)
    y = layers.Dense(sizes.width, name="style")(latent)
    x = x + layers.UpSampling1D(config.encoder.time_stride // sizes.time_stride, name="stretch")(y)
    x = residual_trunk(x, [1] * sizes.blocks, KERNEL)
    x = layers.LayerNormalization(name="last_norm")(x)
    x = layers.Dense(spec.n_mels * sizes.time_stride, name="out")(x)
    log_mel = log_mel_of(x, spec.n_mels, sizes.time_stride, "band_statistics")
    return keras.Model([content, latent], log_mel, name=name)


def build_discriminator(config: Config) -> keras.Model:
    """Multi-scale patch discriminator of clips; see `pipelines.nn.discriminators`."""
    sizes = config.discriminator
    shape = {"frames": config.data.frames, "mels": config.spec.n_mels}
    return discriminators.build_discriminator(
        sizes.channels, sizes.depth, sizes.scales, **shape, name="discriminator"
    )


def build_translator(
    content_encoder: keras.Model, decoder: keras.Model, latent: int, stride: int
) -> keras.Model:
    """Translator, log-mel -> log-mel: the decoder on the content and one fixed latent; layers are shared.

    Args:
        content_encoder: log-mel -> content.
        decoder: of content and latents, see `build_decoder`.
        latent: dimensions of a latent; its layer is called "latent".
        stride: frames of a position of the latent.
    """
    log_mel: Any = content_encoder.input
    latents = FixedLatent(latent, stride, name="latent")(log_mel)
    return keras.Model(log_mel, decoder([content_encoder.output, latents]), name="translator")


def latent_sample(mean: tf.Tensor, log_variance: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Sample of the posterior, reparameterised (Kingma & Welling 2014, section 2.4).

    Args:
        mean: of any shape.
        log_variance: the same shape.
        seed: int32 [2].
    """
    return mean + tf.exp(0.5 * log_variance) * tf.random.stateless_normal(tf.shape(mean), seed)


def context_frames(config: DecoderConfig, transcriber_context: int) -> int:
    """Frames on either side that a frame of a translation can depend on.

    Args:
        config: of the decoder.
        transcriber_context: context frames of the transcriber.
    """
    reach = config.time_stride * (KERNEL // 2) * (config.blocks + 1) + config.time_stride
    return transcriber_context + reach
