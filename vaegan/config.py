"""Everything that a VAE-GAN run can be told, as frozen dataclasses; saved with every run."""

from __future__ import annotations

import dataclasses
from typing import Literal

from pipelines.audio.spec import AudioSpec
from pipelines.data.config import DataConfig
from transcriber.config import ContentConfig


@dataclasses.dataclass(frozen=True)
class EncoderConfig:
    """The variational encoder (see vaegan/networks.py).

    Attributes:
        width: of its 1-D layers.
        blocks: residual blocks.
        latent: numbers of a position of the latent.
        time_stride: frames of a position; translation works in multiples of it.
    """

    width: int = 128
    blocks: int = 2
    latent: int = 8
    time_stride: int = 16


@dataclasses.dataclass(frozen=True)
class DecoderConfig:
    """The decoder, also called generator.

    Attributes:
        width: of its 1-D trunk.
        blocks: residual blocks.
        time_stride: frames folded into one position, a divisor of the encoder's.
    """

    width: int = 320
    blocks: int = 4
    time_stride: int = 2


@dataclasses.dataclass(frozen=True)
class DiscriminatorConfig:
    """The discriminator, in whose features reconstructions are compared.

    Attributes:
        channels: width of its first layer.
        depth: halvings after the first layer.
        scales: resolutions, each half the one before.
    """

    channels: int = 16
    depth: int = 2
    scales: int = 2


@dataclasses.dataclass(frozen=True)
class LossConfig:
    """Weights, and when a network is left alone.

    Attributes:
        features: of the likelihood in the discriminator's features, Larsen et al.'s reconstruction.
        pixels: of the mean absolute error in log-mel units, what most others use.
        kl: of the latent's divergence from its prior, in the encoder's objective.
        gamma: the decoder's objective is gamma * reconstruction - (1 - gamma) * GAN.
        adversarial: what the decoder does to the GAN's loss: "minimax" raises it, as in the paper;
            "non_saturating" lowers the loss of taking its clips for real (Goodfellow et al. 2014, section 3).
        real: weight of the band's clips in the discriminator's loss; its share of one.
        samples: whose notes the decoder plays for its samples of the prior: the band's or the content
            songs', which are what it will have to play.
        equilibrium: the discriminator's loss, in nats, when it cannot tell, or nearly so.
        margin: below equilibrium - margin the discriminator waits, above equilibrium + margin the decoder.
    """

    features: float = 1.0
    pixels: float = 0.0
    kl: float = 0.01
    gamma: float = 0.9
    adversarial: Literal["minimax", "non_saturating"] = "minimax"
    real: float = 0.5
    samples: Literal["band", "content"] = "content"
    equilibrium: float = 0.68
    margin: float = 0.35


@dataclasses.dataclass(frozen=True)
class OptimizerConfig:
    """AdamW, one for each network.

    Attributes:
        rate: of the encoder and the decoder.
        discriminator_rate: of the discriminator.
        decay: of the weights of the encoder and the decoder.
        beta_1: Adam's first decay.
        beta_2: Adam's second decay.
        hold: progress up to which the rates are constant; then they fall linearly to zero.
        clip_norm: largest norm of a gradient.
        average: decay of the weights' moving average.
    """

    rate: float = 1e-3
    discriminator_rate: float = 2e-4
    decay: float = 0.1
    beta_1: float = 0.5
    beta_2: float = 0.99
    hold: float = 0.3
    clip_norm: float = 5.0
    average: float = 0.995


@dataclasses.dataclass(frozen=True)
class Config:
    """A whole run.

    Attributes:
        preset: the name that it started from.
        steps: training steps when the command line gives neither steps nor minutes.
        content: what the decoder plays.
    """

    preset: str = "custom"
    steps: int = 1000
    spec: AudioSpec = dataclasses.field(default_factory=AudioSpec)
    encoder: EncoderConfig = EncoderConfig()
    decoder: DecoderConfig = DecoderConfig()
    discriminator: DiscriminatorConfig = DiscriminatorConfig()
    content: ContentConfig = dataclasses.field(default_factory=ContentConfig)
    loss: LossConfig = LossConfig()
    optimizer: OptimizerConfig = OptimizerConfig()
    data: DataConfig = dataclasses.field(default_factory=lambda: DataConfig(frames=128))

    def __post_init__(self) -> None:
        """Raises ValueError if one size does not divide into another."""
        if self.encoder.time_stride % self.decoder.time_stride:
            raise ValueError("encoder.time_stride must be a multiple of decoder.time_stride")
        if self.data.frames % (stride := self.encoder.time_stride):
            raise ValueError(f"data.frames must be a multiple of encoder.time_stride, {stride}")
