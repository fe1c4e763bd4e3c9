"""Configuration of a run of the disentangled model, saved with every run, and its presets."""

from __future__ import annotations

import dataclasses
from typing import Literal

from pipelines.data.config import DataConfig
from pipelines.nn.optimizers import AdversarialOptimizerConfig
from pipelines.training.config import Preset, RunConfig
from transcriber.config import ContentConfig
from vaegan.config import DiscriminatorConfig


@dataclasses.dataclass(frozen=True)
class StyleConfig:
    """Sizes of the style encoder (see vaegan/disentangled/networks.py).

    Attributes:
        width: width of its 1-D layers.
        blocks: number of residual blocks.
        size: dimensions of a style.
        time_stride: frames of a position; translation works in multiples of it.
        noise: deviation of the noise on a style before it is decoded, so that neighbouring styles sound
            alike.
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
        source: "transcriber", the frozen transcriber's note posteriors and the level; or "learned", an
            encoder that is trained with the rest, without any labels of notes.
        width: width of the learned encoder's layers.
        blocks: number of residual blocks of the learned encoder.
        size: dimensions of a learned code at a position.
        noise: deviation of the noise on learned codes in training.
    """

    source: Literal["transcriber", "learned"] = "transcriber"
    width: int = 192
    blocks: int = 3
    size: int = 48
    noise: float = 0.3


@dataclasses.dataclass(frozen=True)
class DecoderConfig:
    """Sizes of the decoder.

    Attributes:
        width: width of its 1-D layers.
        blocks: number of residual blocks.
        time_stride: frames of a position, a divisor of the style encoder's.
    """

    width: int = 320
    blocks: int = 4
    time_stride: int = 2


@dataclasses.dataclass(frozen=True)
class LossConfig:
    """Weights of the losses.

    Attributes:
        reconstruction: mean absolute error, in log-mel units.
        adversarial: adversarial loss of content songs decoded in the band's style.
        style: distance between a style and the style encoder's output for a clip decoded with it.
        back_translation: share of the band's clips whose codes are extracted from a translation of them to
            another clip's style.
        confusion: reversed loss of the domain probe, which removes the domain from learned codes.
    """

    reconstruction: float = 30.0
    adversarial: float = 0.1
    style: float = 0.3
    back_translation: float = 0.5
    confusion: float = 0.3


@dataclasses.dataclass(frozen=True)
class Config(RunConfig):
    """Configuration of a run of the disentangled model.

    Attributes:
        style: style encoder.
        codes: content codes.
        decoder: sizes of the decoder.
        discriminator: sizes of the discriminator.
        content: perturbation of the transcriber's content in training.
        loss: weights of the losses.
        optimizer: of the encoders and the decoder; and of the discriminator and the probe.
        data: of the clips; each half of a clip is decoded with the style of the other.
    """

    style: StyleConfig = StyleConfig()
    codes: CodesConfig = CodesConfig()
    decoder: DecoderConfig = dataclasses.field(default_factory=DecoderConfig)
    discriminator: DiscriminatorConfig = dataclasses.field(default_factory=DiscriminatorConfig)
    content: ContentConfig = dataclasses.field(default_factory=ContentConfig)
    loss: LossConfig = LossConfig()
    optimizer: AdversarialOptimizerConfig = dataclasses.field(
        default_factory=lambda: AdversarialOptimizerConfig(weight_decay=0.1, beta_2=0.99)
    )
    data: DataConfig = dataclasses.field(default_factory=lambda: DataConfig(frames=256, batch_size=4))

    def __post_init__(self) -> None:
        """Raises ValueError if one size does not divide into another."""
        if self.style.time_stride % self.decoder.time_stride:
            raise ValueError("style.time_stride must be a multiple of decoder.time_stride")
        if self.data.frames % (stride := 2 * self.style.time_stride):
            raise ValueError(f"data.frames must be a multiple of twice style.time_stride, {stride}")


def disentangled_tiny() -> Config:
    """Disentangled model for two CPU cores and a quarter of an hour.

    Command: coverband train disentangled --data data/ --workdir runs/mine
    Expect (the benchmark's rock band): 8.0 dB log-mel error to the truth, where copying the source has 12.5,
    EQ match 10.1 and the VAE-GAN 6.9.
    """
    return Config(preset="disentangled_tiny", steps=1200)


PRESETS = {
    "disentangled_tiny": Preset(
        disentangled_tiny, "1200 steps in 15 minutes on two cores that had other work, too"
    )
}
