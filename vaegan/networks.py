"""Networks of a VAE-GAN: encoder, decoder, discriminator, and the translator that they make."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from keras import layers

from pipelines.audio.spec import AudioSpec
from pipelines.nn import discriminators
from pipelines.nn.blocks import Bound, MelStandardize, PixelShuffle, PixelUnshuffle
from pipelines.nn.fixed_latent import FixedLatent
from pipelines.nn.frame_packing import folded, unfolded
from pipelines.nn.position_noise import PositionNoise
from pipelines.nn.precision import EXACT
from pipelines.nn.source_view import SMOOTHING
from pipelines.nn.translator_card import FIRST_FRAME
from pipelines.nn.trunk import residual_trunk
from transcriber.content import details, features, view_size
from vaegan.config import Config, DecoderConfig, DiscriminatorConfig, EncoderConfig

KERNEL = 5
_ENCODER_KERNEL = 3
_REFINER_KERNEL, _REFINER_PACK, _REFINER_LAYERS = 3, 2, 2
_STYLE_WIDTH = 128
_INITIAL_LOG_VARIANCE = -2.0
"""Log-variance of the untrained posterior: below the prior's, so that noise does not hide a weak latent."""


def build_encoder(config: EncoderConfig, spec: AudioSpec) -> keras.Model:
    """Variational encoder: the band's sound, as far as the content does not determine it.

    Returns:
        A functional model, log-mel [batch, frames, n_mels, 1] -> mean and log-variance of the posterior,
        [batch, frames / time_stride, latent] each; frames must be a multiple of `config.time_stride`.
    """
    log_mel = keras.Input((None, spec.n_mels, 1), name="log_mel")
    posterior = encoded(MelStandardize(name="band_statistics")(log_mel), config)
    return keras.Model(log_mel, posterior, name="encoder")


def encoded(x: Any, config: EncoderConfig) -> list[Any]:
    """Mean and log-variance of the posterior, from log-mels [batch, frames, n_mels, 1] in deviations."""
    x = layers.Dense(config.width, name="stem")(folded(x, config.time_stride))
    x = residual_trunk(x, [1] * config.blocks, _ENCODER_KERNEL)
    x = layers.LayerNormalization(name="last_norm")(x)
    narrow = keras.initializers.Constant(_INITIAL_LOG_VARIANCE)
    mean = layers.Dense(config.latent, dtype=EXACT, name="mean")(x)
    log_variance = layers.Dense(config.latent, bias_initializer=narrow, dtype=EXACT, name="log_variance")(x)
    return [mean, log_variance]


def noise_channels(config: Config) -> int:
    """Numbers of noise of a frame that the decoder is given: those of the trunk, and one for every band."""
    return config.decoder.noise + (config.spec.n_mels if config.decoder.refiner else 0)


def build_decoder(config: Config, name: str = "decoder") -> keras.Model:
    """Decoder: 1-D residual convolutions along time, refined by a few 2-D ones.

    The trunk, which is narrower than a position's bands, decides what is played; texture, which differs in
    every band and frame, is up to the refiner, which is given noise for each of them. The output is bounded
    softly, so that no sample can become much louder than the band ever is.

    Args:
        config: of the run.
        name: of the network.

    Returns:
        A functional model, [content [batch, frames, view_size, 1], latent [batch, frames / latent_stride,
        latent], noise [batch, frames, noise_channels]] -> log-mel [batch, frames, n_mels, 1]; latent_stride
        is the encoder's time stride, of which frames must be a multiple.
    """
    sizes, mels = config.decoder, config.spec.n_mels
    content = keras.Input((None, view_size(mels, sizes.levels), 1), name="content")
    latent = keras.Input((None, config.encoder.latent), name="latent")
    noise = keras.Input((None, noise_channels(config)), name="noise")
    x = layers.Concatenate(axis=2, name="noisy")([features(content, mels), noise[:, :, : sizes.noise, None]])
    x = layers.Conv1D(sizes.width, KERNEL, padding="same", name="stem")(folded(x, sizes.time_stride))
    if sizes.style == "clip":
        mean = keras.ops.mean(latent, axis=1, keepdims=True)
        style = layers.Dense(_STYLE_WIDTH, "silu", name="style")(mean)
        x = residual_trunk(x, [1] * sizes.blocks, KERNEL, style=style)
    else:
        y = layers.Dense(sizes.width, name="style")(latent)
        x = x + layers.UpSampling1D(config.encoder.time_stride // sizes.time_stride, name="stretch")(y)
        x = residual_trunk(x, [1] * sizes.blocks, KERNEL)
    x = unpacked(x, mels, sizes.time_stride)
    if sizes.refiner:
        maps = [x, noise[:, :, sizes.noise :, None], *(details(content, mels) if sizes.details else [])]
        textured = layers.Concatenate(name="textured")(maps)
        x = refined(x, textured, sizes.refiner)
    log_mel = bounded_log_mel(x, sizes.bound, "band_statistics")
    return keras.Model([content, latent, noise], log_mel, name=name)


def unpacked(x: Any, mels: int, stride: int) -> Any:
    """Output of a trunk, [batch, positions, width], as [batch, positions * stride, mels, 1]."""
    x = layers.LayerNormalization(name="last_norm")(x)
    return unfolded(layers.Dense(mels * stride, name="out")(x), mels, stride)


def refined(x: Any, seen: Any, channels: int) -> Any:
    """Output plus 2-D convolutions on what they see of it.

    Args:
        x: output, [batch, frames, mels, 1].
        seen: the output, and perhaps noise beside it, [batch, frames, mels, maps].
        channels: of the convolutions.
    """
    y = PixelUnshuffle(_REFINER_PACK, _REFINER_PACK, name="pack")(seen)
    for i in range(_REFINER_LAYERS):
        y = layers.Conv2D(channels, _REFINER_KERNEL, padding="same", activation="relu", name=f"refine{i}")(y)
    y = layers.Conv2D(
        _REFINER_PACK**2, _REFINER_KERNEL, padding="same", kernel_initializer="zeros", name="refinement"
    )(y)
    return x + PixelShuffle(_REFINER_PACK, _REFINER_PACK, name="unpack")(y)


def bounded_log_mel(x: Any, bound: float, statistics: str) -> Any:
    """Log-mels of deviations from a domain's mean, which are bounded softly; see `Bound`."""
    return MelStandardize(invert=True, name=statistics)(Bound(bound, name="bound")(x))


def bounded(log_mel: tf.Tensor, decoder: keras.Model, statistics: str) -> tf.Tensor:
    """Log-mels as a decoder can reproduce them, within the bound of its `bounded_log_mel`."""
    deviations, bound = (decoder.get_layer(name) for name in (statistics, "bound"))
    return deviations(bound((log_mel - deviations.mean) / deviations.deviation))


def build_discriminator(
    config: DiscriminatorConfig, frames: int, spec: AudioSpec, name: str = "discriminator"
) -> keras.Model:
    """Multi-scale patch discriminator of clips; see `pipelines.nn.discriminators`.

    Args:
        config: sizes.
        frames: of a clip.
        spec: of the log-mels.
        name: of the network.
    """
    sizes = (config.channels, config.depth, config.scales)
    return discriminators.build_discriminator(*sizes, frames=frames, mels=spec.n_mels, name=name)


def build_translator(view_encoder: keras.Model, decoder: keras.Model, config: Config) -> keras.Model:
    """Translator, see `pipelines.nn.translator.translate`: the decoder on the content and one fixed latent.

    Args:
        view_encoder: log-mel and closeness -> content, see `transcriber.content.build_view_encoder`; its
            layers and those of the decoder are shared.
        decoder: of content, latents and noise, see `build_decoder`.
        config: of the run.

    Returns:
        A functional model of log-mel, closeness and first frame; its layer "latent" has the fixed latent.
    """
    log_mel, closeness = view_encoder.inputs
    first_frame = keras.Input((), dtype="int32", name=FIRST_FRAME)
    latents = FixedLatent(config.encoder.latent, config.encoder.time_stride, name="latent")(log_mel)
    noise = PositionNoise(noise_channels(config), name="noise")([log_mel, first_frame])
    translation = decoder([view_encoder.output, latents, noise])
    return keras.Model([log_mel, closeness, first_frame], translation, name="translator")


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
    reach = decoder_reach(config.time_stride, config.blocks, refiner=bool(config.refiner))
    return transcriber_context + SMOOTHING + reach


def decoder_reach(stride: int, blocks: int, refiner: bool) -> int:
    """Frames on either side of a frame that a decoder takes into account.

    Args:
        stride: frames of a position.
        blocks: residual blocks after the stem.
        refiner: whether `refined` follows.
    """
    reach = stride * (KERNEL // 2) * (blocks + 1) + stride
    if refiner:
        reach += _REFINER_PACK * (_REFINER_KERNEL // 2) * (_REFINER_LAYERS + 1) + _REFINER_PACK
    return reach


def encoder_reach(config: EncoderConfig) -> int:
    """Frames on either side of a position that the encoder takes into account."""
    return config.time_stride * (_ENCODER_KERNEL // 2) * config.blocks
