"""Configuration of a run of the feed-forward network, saved with every run, and its presets."""

from __future__ import annotations

import dataclasses
from typing import Literal

from pipelines.data.config import DataConfig
from pipelines.nn.generator import GeneratorConfig
from pipelines.nn.optimizers import OptimizerConfig
from pipelines.training.config import Preset, RunConfig

StyleFeatures = Literal["random", "transcriber", "classifier", "discriminator"]
"""Random filters; the transcriber's features and the spectrum; filters of a domain classifier; a VAE-GAN's
discriminator."""


@dataclasses.dataclass(frozen=True)
class PerceptualConfig:
    """The networks in whose features clips are compared.

    Attributes:
        content: features of the content loss.
        style: features whose Gram matrices the style loss compares.
        discriminator: workdir of the VAE-GAN whose discriminator gives the style features.
        groups: number of groups of neighbouring frequencies, each with a Gram matrix of its own.
        memory: momentum of the running means of Gram matrices.
        filters: number of filters of a width, random or the classifier's.
        widths: frames that such filters span.
        seed: of the filters, and of the classifier's clips.
        classifier_steps: training steps of the classifier.
        classifier_learning_rate: learning rate of the classifier.
    """

    content: Literal["transcriber", "random"] = "transcriber"
    style: StyleFeatures = "random"
    discriminator: str = ""
    groups: int = 8
    memory: float = 0.9
    filters: int = 512
    widths: tuple[int, ...] = (1, 5, 11)
    seed: int = 0
    classifier_steps: int = 300
    classifier_learning_rate: float = 1e-3


@dataclasses.dataclass(frozen=True)
class LossConfig:
    """Weights of the losses.

    Attributes:
        content: distance of features; 0 for the same, about 2 for another song's.
        style: distance of Gram matrices; 0 for the band's, 1 for silence.
        variation: mean absolute difference of neighbouring numbers of a log-mel.
    """

    content: float = 1.0
    style: float = 1.0
    variation: float = 0.1


@dataclasses.dataclass(frozen=True)
class Config(RunConfig):
    """Configuration of a run of the feed-forward network.

    Attributes:
        generator: sizes of the network.
        perceptual: feature networks of the losses.
        loss: weights of the losses.
        optimizer: of the network.
    """

    generator: GeneratorConfig = dataclasses.field(default_factory=GeneratorConfig)
    perceptual: PerceptualConfig = PerceptualConfig()
    loss: LossConfig = LossConfig()
    optimizer: OptimizerConfig = dataclasses.field(
        default_factory=lambda: OptimizerConfig(learning_rate=5e-4)
    )
    data: DataConfig = dataclasses.field(default_factory=DataConfig)

    def __post_init__(self) -> None:
        """Raises ValueError if a clip does not divide into the generator's positions."""
        self.generator.require_whole(self.data.frames, self.spec.n_mels)


def styletransfer_tiny() -> Config:
    """Feed-forward network for two CPU cores and some minutes.

    Command: coverband train styletransfer --data data/ --workdir runs/mine
    Expect (the benchmark's rock band): 8.9 dB log-mel error to the truth, where copying the source has 12.5
    and EQ match 10.1.
    """
    return Config(preset="styletransfer_tiny", steps=600)


PRESETS = {
    "styletransfer_tiny": Preset(
        styletransfer_tiny, "600 steps in five minutes on two cores; in eight where they have other work, too"
    ),
}
