"""Configuration of a VAE-GAN run, saved with every run, and its presets."""

from __future__ import annotations

import dataclasses
from typing import Literal

from pipelines.data.config import DataConfig
from pipelines.nn.optimizers import AdversarialOptimizerConfig
from pipelines.training.config import Preset, RunConfig
from transcriber.config import ContentConfig


@dataclasses.dataclass(frozen=True)
class EncoderConfig:
    """Sizes of the variational encoder (see vaegan/networks.py).

    Attributes:
        width: width of its 1-D layers.
        blocks: number of residual blocks.
        latent: dimensions of the latent at a position.
        time_stride: frames of a position; translation works in multiples of it.
    """

    width: int = 128
    blocks: int = 2
    latent: int = 8
    time_stride: int = 16


@dataclasses.dataclass(frozen=True)
class DecoderConfig:
    """Sizes of the decoder, which is also the generator.

    Attributes:
        width: width of its 1-D trunk.
        blocks: number of residual blocks.
        time_stride: frames packed into one position, a divisor of the encoder's.
    """

    width: int = 320
    blocks: int = 4
    time_stride: int = 2


@dataclasses.dataclass(frozen=True)
class DiscriminatorConfig:
    """Sizes of the discriminator, in whose features reconstructions are compared.

    Attributes:
        channels: width of the first layer.
        depth: number of further layers, each of which halves the resolution.
        scales: number of resolutions, each half the one before.
    """

    channels: int = 16
    depth: int = 2
    scales: int = 2


@dataclasses.dataclass(frozen=True)
class LossConfig:
    """Weights of the losses, and the equilibrium of decoder and discriminator.

    Attributes:
        features: likelihood in the discriminator's features, the reconstruction loss of Larsen et al.
        pixels: mean absolute error in log-mel units.
        kl: divergence of the posterior from the prior, in the encoder's objective.
        gamma: the decoder's objective is gamma * reconstruction - (1 - gamma) * GAN.
        adversarial: the decoder's adversarial loss: "minimax", as in the paper; or "non_saturating"
            (Goodfellow et al. 2014, section 3).
        real: weight of the band's clips in the discriminator's loss; its share of one.
        samples: domain whose content is decoded with latents of the prior: the band's or the content songs',
            which are what the translator decodes.
        equilibrium: loss of a discriminator that is in balance with the decoder, nats.
        margin: the discriminator is updated above equilibrium - margin, the decoder below equilibrium +
            margin.
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


def _optimizer() -> AdversarialOptimizerConfig:
    return AdversarialOptimizerConfig(weight_decay=0.1, beta_1=0.5, beta_2=0.99)


@dataclasses.dataclass(frozen=True)
class Config(RunConfig):
    """Configuration of a VAE-GAN run.

    Attributes:
        encoder: sizes of the encoder.
        decoder: sizes of the decoder.
        discriminator: sizes of the discriminator.
        content: perturbation of the content in training.
        loss: weights of the losses.
        optimizer: of the encoder, the decoder and the discriminator.
    """

    encoder: EncoderConfig = EncoderConfig()
    decoder: DecoderConfig = DecoderConfig()
    discriminator: DiscriminatorConfig = DiscriminatorConfig()
    content: ContentConfig = dataclasses.field(default_factory=ContentConfig)
    loss: LossConfig = LossConfig()
    optimizer: AdversarialOptimizerConfig = dataclasses.field(default_factory=_optimizer)
    data: DataConfig = dataclasses.field(default_factory=lambda: DataConfig(frames=128))

    def __post_init__(self) -> None:
        """Raises ValueError if one size does not divide into another."""
        if self.encoder.time_stride % self.decoder.time_stride:
            raise ValueError("encoder.time_stride must be a multiple of decoder.time_stride")
        if self.data.frames % (stride := self.encoder.time_stride):
            raise ValueError(f"data.frames must be a multiple of encoder.time_stride, {stride}")


def vaegan_tiny() -> Config:
    """VAE-GAN for two CPU cores and a quarter of an hour.

    Pixels weigh more than features, which alone give sharper covers that are further from the truth (see
    README.md).

    Command: coverband train vaegan --data data/ --workdir runs/mine
    Expect (the benchmark's rock band): 6.9 dB log-mel error to the truth, where copying the source has 12.5,
    EQ match 10.1 and the content decoder 7.5.
    """
    loss = LossConfig(features=0.5, pixels=30.0, kl=0.3)
    return Config(preset="vaegan_tiny", steps=2200, loss=loss)


def vaegan_base() -> Config:
    """VAE-GAN for one GPU and some hours: wider, deeper, longer clips. Not trained yet.

    Command: coverband train vaegan --data data/ --workdir runs/mine --preset vaegan_base
    """
    optimizer = dataclasses.replace(
        _optimizer(), learning_rate=5e-4, discriminator_learning_rate=1e-4, ema_momentum=0.999
    )
    return Config(
        preset="vaegan_base",
        steps=50_000,
        encoder=EncoderConfig(width=256, blocks=4, latent=16),
        decoder=DecoderConfig(width=640, blocks=6),
        discriminator=DiscriminatorConfig(channels=32, depth=3, scales=3),
        loss=LossConfig(features=0.5, pixels=30.0, kl=0.3),
        optimizer=optimizer,
        data=DataConfig(frames=256, batch_size=16),
    )


PRESETS = {
    "vaegan_tiny": Preset(
        vaegan_tiny, "2200 steps in 15 to 16 minutes on two cores that have nothing else to do"
    ),
    "vaegan_base": Preset(vaegan_base, "one GPU, hours; not trained yet"),
}
