"""Networks of a CycleGAN: generators and discriminators of its configuration."""

from __future__ import annotations

import keras

from cyclegan.config import Config
from pipelines.nn import discriminators, generator


def build_generator(config: Config, name: str) -> keras.Model:
    """Generator, log-mel [batch, frames, n_mels, 1] -> the same shape; see `pipelines.nn.generator`."""
    return generator.build_generator(config.generator, config.spec, name)


def build_discriminator(config: Config, name: str) -> keras.Model:
    """Multi-scale patch discriminator of clips; see `pipelines.nn.discriminators`."""
    sizes = config.discriminator
    return discriminators.build_discriminator(
        sizes.channels,
        sizes.depth,
        sizes.scales,
        frames=config.data.frames,
        mels=config.spec.n_mels,
        name=name,
    )


def frame_geometry(config: Config) -> tuple[int, int]:
    """Context frames of the generator, and the multiple that its number of frames must be of."""
    return generator.context_frames(config.generator), config.generator.time_stride
