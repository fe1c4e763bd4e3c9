"""Networks of the shared-latent model: one encoder, and a decoder for each domain."""

from __future__ import annotations

import keras
from keras import layers

from pipelines.audio.spec import AudioSpec
from pipelines.nn.blocks import MelStandardize
from pipelines.nn.trunk import residual_trunk
from vaegan.config import EncoderConfig
from vaegan.networks import (
    KERNEL,
    bounded_log_mel,
    decoder_reach,
    encoded,
    encoder_reach,
    refined,
    unpacked,
)
from vaegan.shared_latent.config import Config

STATISTICS = "statistics"
"""Name of the layer, in encoders and decoders, that holds the mean and deviation of the domain."""


def build_encoder(config: EncoderConfig, spec: AudioSpec) -> keras.Model:
    """Variational encoder of both domains.

    Returns:
        A functional model, log-mel in the domain's deviations [batch, frames, n_mels, 1] -> mean and
        log-variance of the posterior, [batch, frames / time_stride, latent] each; frames must be a multiple
        of `config.time_stride`.
    """
    deviations = keras.Input((None, spec.n_mels, 1), name="deviations")
    return keras.Model(deviations, encoded(deviations, config), name="encoder")


def in_domain(encoder: keras.Model, domain: str) -> keras.Model:
    """The encoder after the standardisation of a domain: log-mel -> mean and log-variance."""
    log_mel = keras.Input(encoder.input_shape[1:], name="log_mel")
    posterior = encoder(MelStandardize(name=STATISTICS)(log_mel))
    return keras.Model(log_mel, posterior, name=f"{domain}_encoder")


def build_decoder(config: Config, name: str) -> keras.Model:
    """Decoder of one domain: 1-D residual convolutions along time, refined by a few 2-D ones.

    Args:
        config: of the run.
        name: of the network.

    Returns:
        A functional model, latent [batch, positions, latent] -> log-mel [batch, positions * time_stride,
        n_mels, 1], within `config.decoder.bound` deviations of the domain's mean.
    """
    sizes = config.decoder
    latent = keras.Input((None, config.encoder.latent), name="latent")
    x = layers.Conv1D(sizes.width, KERNEL, padding="same", name="stem")(latent)
    x = residual_trunk(x, [1] * sizes.blocks, KERNEL)
    x = unpacked(x, config.spec.n_mels, config.encoder.time_stride)
    if sizes.refiner:
        x = refined(x, x, sizes.refiner)
    return keras.Model(latent, bounded_log_mel(x, sizes.bound, STATISTICS), name=name)


def build_translator(encoder: keras.Model, decoder: keras.Model) -> keras.Model:
    """Translator, log-mel -> log-mel: one domain's posterior means, decoded by the other's decoder.

    Args:
        encoder: of the source's domain, see `in_domain`; layers are shared.
        decoder: of the target's domain, see `build_decoder`.
    """
    mean, _ = encoder.outputs
    return keras.Model(encoder.input, decoder(mean), name="translator")


def frame_geometry(config: Config) -> tuple[int, int]:
    """Context frames on either side of a frame, and the multiple that the number of frames must be of."""
    stride = config.encoder.time_stride
    decoder = decoder_reach(stride, config.decoder.blocks, refiner=bool(config.decoder.refiner))
    return encoder_reach(config.encoder) + decoder, stride
