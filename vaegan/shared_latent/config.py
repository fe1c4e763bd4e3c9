"""Configuration of a run of the shared-latent model, saved with every run, and its preset."""

from __future__ import annotations

import dataclasses

from pipelines.data.config import DataConfig
from pipelines.nn.optimizers import AdversarialOptimizerConfig
from pipelines.training.config import Preset, RunConfig
from vaegan.config import DiscriminatorConfig, EncoderConfig


@dataclasses.dataclass(frozen=True)
class DecoderConfig:
    """Sizes of the decoder of one domain; its positions are the encoder's.

    Attributes:
        width: width of its 1-D trunk.
        blocks: number of residual blocks.
        refiner: channels of the 2-D convolutions that refine the trunk's output; 0 for none.
        bound: limit of the output's deviation from the domain's mean, in the domain's standard deviations;
            above 0.
    """

    width: int = 320
    blocks: int = 4
    refiner: int = 16
    bound: float = 4.0


@dataclasses.dataclass(frozen=True)
class LossConfig:
    """Weights of the losses, each of which is the sum over both domains.

    With `gan` and `features` both 0, the model is a plain VAE: the discriminators are not computed.

    Attributes:
        pixels: mean absolute error of the reconstruction in log-mel units.
        features: likelihood in the discriminator's features, the reconstruction loss of Larsen et al.
        kl: divergence of the posterior from the prior, of clips and, with `cycle`, of translations.
        gan: adversarial loss on reconstructions and translations.
        cycle: mean absolute error of clips that are translated there and back; 0 for none.
        penalty: gradient penalty R1 of the discriminators.
        penalty_every: steps from one gradient penalty to the next.
        warm_up: share of the training in which encoder and decoders have no adversarial and feature loss.
    """

    pixels: float = 1.0
    features: float = 0.1
    kl: float = 0.001
    gan: float = 0.1
    cycle: float = 1.0
    penalty: float = 2.0
    penalty_every: int = 16
    warm_up: float = 0.1


@dataclasses.dataclass(frozen=True)
class Config(RunConfig):
    """Configuration of a run of the shared-latent model.

    Attributes:
        encoder: sizes of the encoder, which both domains share.
        decoder: sizes of each domain's decoder.
        discriminator: sizes of each domain's discriminator.
        loss: weights of the losses.
        optimizer: of encoder and decoders, and of the discriminators.
    """

    encoder: EncoderConfig = dataclasses.field(
        default_factory=lambda: EncoderConfig(width=320, blocks=3, latent=48, time_stride=4)
    )
    decoder: DecoderConfig = DecoderConfig()
    discriminator: DiscriminatorConfig = dataclasses.field(
        default_factory=lambda: DiscriminatorConfig(channels=16)
    )
    loss: LossConfig = LossConfig()
    optimizer: AdversarialOptimizerConfig = dataclasses.field(
        default_factory=lambda: AdversarialOptimizerConfig(
            weight_decay=0.1, beta_1=0.5, beta_2=0.99, hold=0.4, discriminator_learning_rate=3e-4
        )
    )
    data: DataConfig = dataclasses.field(default_factory=lambda: DataConfig(frames=128, batch_size=4))

    def __post_init__(self) -> None:
        """Raises ValueError for sizes that do not fit each other."""
        if self.decoder.bound <= 0:
            raise ValueError("decoder.bound must be above 0")
        if self.decoder.refiner and (self.spec.n_mels % 2 or self.encoder.time_stride % 2):
            raise ValueError("with decoder.refiner the spec's n_mels and encoder.time_stride must be even")
        if self.data.frames % (stride := self.encoder.time_stride):
            raise ValueError(f"data.frames must be a multiple of encoder.time_stride, {stride}")


def shared_latent_tiny() -> Config:
    """Shared-latent model for two CPU cores and a quarter of an hour.

    Command: coverband train shared_latent --data data/ --workdir runs/mine
    Expect (rock by TimGM6mb, 800 steps): 9.0 dB log-mel error to the truth, as a plain VAE 8.3, where copying
    the source has 10.4 and the VAE-GAN with the transcriber 6.8.
    """
    return Config(preset="shared_latent_tiny", steps=1500)


PRESETS = {
    "shared_latent_tiny": Preset(
        shared_latent_tiny,
        "1500 steps in a quarter of an hour on two cores, by the 800 that took 8 minutes",
    )
}
