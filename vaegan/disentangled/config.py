"""Everything that a run of the disentangled model can be told, as frozen dataclasses; saved with it."""

from __future__ import annotations

import dataclasses
from typing import Literal

from pipelines.audio.spec import AudioSpec
from pipelines.data.config import AugmentConfig
from transcriber.config import ContentConfig
from vaegan.config import DecoderConfig, DiscriminatorConfig


@dataclasses.dataclass(frozen=True)
class StyleConfig:
    """The style encoder (see vaegan/disentangled/networks.py).

    Attributes:
        width: of its 1-D layers.
        blocks: residual blocks.
        size: numbers of a style.
        time_stride: frames of a position; translation works in multiples of it.
        noise: deviation of what is added to a style before it is decoded, so that neighbours sound alike.
    """

    width: int = 128
    blocks: int = 2
    size: int = 16
    time_stride: int = 16
    noise: float = 0.05


@dataclasses.dataclass(frozen=True)
class CodesConfig:
    """Configuration of the content codes, which give the decoder the notes.

    Attributes:
        source: "transcriber", the frozen transcriber's note posteriors and the level; or "learned", an encoder
            that is trained with the rest, without any labels of notes.
        width: of the learned encoder's layers.
        blocks: of the learned encoder.
        size: its numbers of a position.
        noise: deviation of the noise that is added to them in training.
    """

    source: Literal["transcriber", "learned"] = "transcriber"
    width: int = 192
    blocks: int = 3
    size: int = 48
    noise: float = 0.3


@dataclasses.dataclass(frozen=True)
class LossConfig:
    """Weights.

    Attributes:
        reconstruction: of the mean absolute error, in log-mel units.
        adversarial: of what the discriminator says of content songs' notes in the band's style.
        style: of the distance between a style and what the style encoder finds in a clip made with it.
        reheard: share of clips whose notes are heard in a translation of them to another clip's style.
        confusion: of the probe's loss that learned codes raise, so that they do not tell the domain.
    """

    reconstruction: float = 30.0
    adversarial: float = 0.1
    style: float = 0.3
    reheard: float = 0.5
    confusion: float = 0.3


@dataclasses.dataclass(frozen=True)
class OptimizerConfig:
    """AdamW for the encoders and the decoder, Adam for the discriminator.

    Attributes:
        rate: of the encoders and the decoder.
        discriminator_rate: of the discriminator and the probe.
        decay: of the weights of the encoders and the decoder.
        beta_2: second decay of both.
        discriminator_beta_1: first decay of the discriminator's.
        hold: progress up to which the rates are constant; then they fall linearly to zero.
        clip_norm: largest norm of a gradient.
        average: decay of the weights' moving average.
    """

    rate: float = 1e-3
    discriminator_rate: float = 2e-4
    decay: float = 0.1
    beta_2: float = 0.99
    discriminator_beta_1: float = 0.5
    hold: float = 0.3
    clip_norm: float = 5.0
    average: float = 0.995


@dataclasses.dataclass(frozen=True)
class DataConfig:
    """Configuration of a training batch.

    Attributes:
        frames: length of a clip; each of its halves is decoded with the style of the other.
        batch_size: clips of each domain.
        augment: augmentation of the clips.
    """

    frames: int = 256
    batch_size: int = 4
    augment: AugmentConfig = dataclasses.field(default_factory=AugmentConfig)


@dataclasses.dataclass(frozen=True)
class Config:
    """A whole run.

    Attributes:
        preset: the name that it started from.
        steps: training steps when the command line gives neither steps nor minutes.
        content: how what the transcriber hears is perturbed.
    """

    preset: str = "custom"
    steps: int = 1000
    spec: AudioSpec = dataclasses.field(default_factory=AudioSpec)
    style: StyleConfig = StyleConfig()
    codes: CodesConfig = CodesConfig()
    decoder: DecoderConfig = dataclasses.field(default_factory=DecoderConfig)
    discriminator: DiscriminatorConfig = dataclasses.field(default_factory=DiscriminatorConfig)
    content: ContentConfig = dataclasses.field(default_factory=ContentConfig)
    loss: LossConfig = LossConfig()
    optimizer: OptimizerConfig = OptimizerConfig()
    data: DataConfig = DataConfig()

    def __post_init__(self) -> None:
        """Raises ValueError if one size does not divide into another."""
        if self.style.time_stride % self.decoder.time_stride:
            raise ValueError("style.time_stride must be a multiple of decoder.time_stride")
        if self.data.frames % (stride := 2 * self.style.time_stride):
            raise ValueError(f"data.frames must be a multiple of twice style.time_stride, {stride}")
