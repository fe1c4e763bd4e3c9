"""Configuration of a VAE-GAN run, saved with every run, and its presets."""

from __future__ import annotations

import dataclasses
from typing import Literal

from pipelines.data.config import DataConfig
from pipelines.nn.optimizers import AdversarialOptimizerConfig
from pipelines.nn.source_view import RISES
from pipelines.training.config import Preset, RunConfig
from transcriber.config import ContentConfig, ViewConfig


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
        noise: numbers of noise of a frame that the trunk is given, a multiple of 4, at least 4.
        refiner: channels of the 2-D convolutions that refine the trunk's output; 0 for none.
        bound: limit of the output's deviation from the band's mean, in the band's standard deviations; above
            0.
        style: "position" for latents that are added to the stem, each at its position; "clip" for their mean
            over a clip, which also scales and shifts every block: the sound of one of many bands.
        levels: whether the view of the source has the levels of groups of bands, its dynamics.
        details: whether the refiner is given the view's contrast and rises, so that fine detail does not have
            to pass through the trunk.
    """

    width: int = 320
    blocks: int = 4
    time_stride: int = 2
    noise: int = 16
    refiner: int = 32
    bound: float = 4.0
    style: Literal["position", "clip"] = "position"
    levels: bool = False
    details: bool = False


@dataclasses.dataclass(frozen=True)
class DiscriminatorConfig:
    """Sizes of the discriminator, in whose features reconstructions are compared.

    Attributes:
        channels: width of the first layer.
        depth: number of further layers, each of which halves the resolution.
        scales: number of resolutions, each half the one before.
    """

    channels: int = 24
    depth: int = 2
    scales: int = 2


@dataclasses.dataclass(frozen=True)
class LossConfig:
    """Weights of the losses.

    Attributes:
        pixels: mean absolute error of the reconstruction in log-mel units.
        features: likelihood in the discriminator's features, the reconstruction loss of Larsen et al.
        kl: divergence of the posterior from the prior, in the encoder's objective.
        gan: the decoder's adversarial loss, on reconstructions and on samples.
        adversarial: "hinge"; or "minimax", the paper's.
        samples: domain whose content is decoded with latents of the prior: the content songs', which are what
            the translator decodes, or the band's.
        contrast: distance of samples to their sources in the local contrast over frequency, as far as it is
            present in their view.
        rises: the same in the rises over time.
        levels: the same in the levels of groups of bands, as far as these are present in their view.
        penalty: gradient penalty R1 of the discriminator.
        penalty_every: steps from one gradient penalty to the next.
        warm_up: share of the training in which the decoder has no adversarial and feature loss.
        ramp: share of the training after it in which the weights of both rise to their values.
        margin: the discriminator is updated while its cross entropies are above 0.68 - margin, the decoder
            while they are below 0.68 + margin; 0 for always.
    """

    pixels: float = 1.0
    features: float = 0.02
    kl: float = 0.01
    gan: float = 0.1
    adversarial: Literal["hinge", "minimax"] = "hinge"
    samples: Literal["band", "content"] = "content"
    contrast: float = 1.2
    rises: float = 0.4
    levels: float = 0.0
    penalty: float = 2.0
    penalty_every: int = 16
    warm_up: float = 0.15
    ramp: float = 0.15
    margin: float = 0.0


def _optimizer() -> AdversarialOptimizerConfig:
    return AdversarialOptimizerConfig(
        weight_decay=0.1, beta_1=0.5, beta_2=0.99, hold=0.4, discriminator_learning_rate=1e-3
    )


@dataclasses.dataclass(frozen=True)
class Config(RunConfig):
    """Configuration of a VAE-GAN run.

    Attributes:
        encoder: sizes of the encoder.
        decoder: sizes of the decoder.
        discriminator: sizes of the discriminator.
        content: perturbation of notes and level in training.
        view: perturbation of the view of the source in training.
        loss: weights of the losses.
        optimizer: of the encoder, the decoder and the discriminator.
    """

    encoder: EncoderConfig = EncoderConfig()
    decoder: DecoderConfig = DecoderConfig()
    discriminator: DiscriminatorConfig = DiscriminatorConfig()
    content: ContentConfig = dataclasses.field(default_factory=ContentConfig)
    view: ViewConfig = dataclasses.field(default_factory=ViewConfig)
    loss: LossConfig = LossConfig()
    optimizer: AdversarialOptimizerConfig = dataclasses.field(default_factory=_optimizer)
    data: DataConfig = dataclasses.field(default_factory=lambda: DataConfig(frames=128))

    def __post_init__(self) -> None:
        """Raises ValueError if one size does not divide into another."""
        noise, bands = self.decoder.noise, self.spec.n_mels
        if noise < 4 or noise % 4:
            raise ValueError("decoder.noise must be a multiple of 4, at least 4")
        if self.decoder.refiner and (bands % 4 or self.data.frames % 2):
            raise ValueError("with decoder.refiner n_mels must be a multiple of 4, and data.frames of 2")
        if self.decoder.bound <= 0:
            raise ValueError("decoder.bound must be above 0")
        if self.decoder.details and (not self.decoder.refiner or bands % RISES):
            raise ValueError(f"with decoder.details there must be a refiner, and n_mels in steps of {RISES}")
        if self.loss.levels and not self.decoder.levels:
            raise ValueError(
                "loss.levels needs decoder.levels: samples are held to the levels they are shown"
            )
        if self.loss.margin and self.loss.adversarial != "minimax":
            raise ValueError("loss.margin is for loss.adversarial=minimax, whose losses are cross entropies")
        if self.encoder.time_stride % self.decoder.time_stride:
            raise ValueError("encoder.time_stride must be a multiple of decoder.time_stride")
        if self.data.frames % (stride := self.encoder.time_stride):
            raise ValueError(f"data.frames must be a multiple of encoder.time_stride, {stride}")


def vaegan_tiny() -> Config:
    """VAE-GAN for two CPU cores and a quarter to half an hour.

    Command: coverband train vaegan --data data/ --workdir runs/mine
    """
    return Config(preset="vaegan_tiny", steps=2200)


def vaegan_dynamics() -> Config:
    """VAE-GAN that also follows the dynamics of a song: what is loud in it, and when.

    On real recordings it keeps more of a song than `vaegan_tiny`, as near to the band; see vaegan/README.md.

    Command: coverband train vaegan --data data/ --workdir runs/mine --preset vaegan_dynamics
    """
    return Config(
        preset="vaegan_dynamics",
        steps=2200,
        decoder=DecoderConfig(levels=True, details=True),
        loss=LossConfig(levels=0.4),
    )


def vaegan_larsen() -> Config:
    """VAE-GAN of Larsen et al. 2016, as far as music allows, to compare with.

    Reconstructions are compared in the discriminator's features alone; cross entropies, gates and the weights
    of the losses are the paper's. The decoder has no refiner. What remains of ours is the content that the
    decoder is conditioned on, the noise of every frame, the bound of the output, and samples of the content
    songs' content.

    Command: coverband train vaegan --data data/ --workdir runs/paper --preset vaegan_larsen
    """
    loss = LossConfig(
        pixels=0.0,
        features=0.9,
        adversarial="minimax",
        gan=0.05,
        contrast=0.0,
        rises=0.0,
        penalty=0.0,
        warm_up=0.0,
        ramp=0.0,
        margin=0.35,
    )
    return Config(
        preset="vaegan_larsen",
        steps=2200,
        decoder=DecoderConfig(refiner=0),
        loss=loss,
        optimizer=dataclasses.replace(_optimizer(), discriminator_learning_rate=3e-4),
    )


def vaegan_base() -> Config:
    """VAE-GAN of the size of the shipped base, which knows many bands (see vaegan/base), to start from.

    Its weights are averaged over few steps, since some minutes are enough.

    Command: coverband train vaegan --data data/ --workdir runs/mine --preset vaegan_base --init shipped
    """
    return Config(
        preset="vaegan_base",
        steps=2200,
        encoder=EncoderConfig(width=192, latent=32),
        decoder=DecoderConfig(style="clip"),
        loss=LossConfig(kl=0.001, warm_up=0.0, ramp=0.0),
        optimizer=dataclasses.replace(
            _optimizer(), learning_rate=5e-4, discriminator_learning_rate=3e-4, ema_momentum=0.99
        ),
    )


PRESETS = {
    "vaegan_tiny": Preset(vaegan_tiny, "2200 steps in a quarter to half an hour on two cores"),
    "vaegan_dynamics": Preset(
        vaegan_dynamics, "follows a song's dynamics, too, for real recordings; takes as long"
    ),
    "vaegan_larsen": Preset(vaegan_larsen, "the paper's losses, to compare with"),
    "vaegan_base": Preset(vaegan_base, "from the base of many bands: 120 steps in two minutes on two cores"),
}
