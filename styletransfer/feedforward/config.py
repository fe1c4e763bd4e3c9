"""Everything that a run of the feed-forward network can be told, as frozen dataclasses; saved with it."""

from __future__ import annotations

import dataclasses
from typing import Literal

from pipelines.audio.spec import AudioSpec
from pipelines.data.config import DataConfig
from pipelines.nn.generator import GeneratorConfig
from pipelines.nn.optimizers import AdamConfig

StyleFeatures = Literal["random", "transcriber", "classifier", "discriminator"]
"""Random filters; what the transcriber makes of a sound, beside the sound; filters taught to tell the domains
apart; a VAE-GAN's judge."""


@dataclasses.dataclass(frozen=True)
class PerceptualConfig:
    """The networks in whose features clips are compared.

    Attributes:
        content: those that have to stay.
        style: those whose Gram matrices have to become the band's.
        judge: workdir of the VAE-GAN whose discriminator is taken.
        groups: of neighbouring frequencies, where features have any; each has a Gram matrix of its own.
        memory: share of earlier batches in the Gram matrices that are compared.
        filters: of a width, random or the classifier's.
        widths: frames that such filters see.
        seed: of these, and of the clips that the classifier learns from.
        classifier_steps: how long the classifier learns.
        classifier_rate: its learning rate.
    """

    content: Literal["transcriber", "random"] = "transcriber"
    style: StyleFeatures = "random"
    judge: str = ""
    groups: int = 8
    memory: float = 0.9
    filters: int = 512
    widths: tuple[int, ...] = (1, 5, 11)
    seed: int = 0
    classifier_steps: int = 300
    classifier_rate: float = 1e-3


@dataclasses.dataclass(frozen=True)
class LossConfig:
    """Weights of the losses.

    Attributes:
        content: distance of features; 0 for the same, about 1 for another song's.
        style: distance of Gram matrices; 0 for the band's, 1 for silence.
        variation: mean absolute difference of neighbouring numbers of a log-mel.
    """

    content: float = 1.0
    style: float = 1.0
    variation: float = 0.1


@dataclasses.dataclass(frozen=True)
class Config:
    """A whole run.

    Attributes:
        preset: the name that it started from.
        steps: training steps when the command line gives neither steps nor minutes.
    """

    preset: str = "custom"
    steps: int = 600
    spec: AudioSpec = dataclasses.field(default_factory=AudioSpec)
    generator: GeneratorConfig = dataclasses.field(default_factory=GeneratorConfig)
    perceptual: PerceptualConfig = PerceptualConfig()
    loss: LossConfig = LossConfig()
    optimizer: AdamConfig = dataclasses.field(default_factory=lambda: AdamConfig(rate=5e-4))
    data: DataConfig = dataclasses.field(default_factory=DataConfig)

    def __post_init__(self) -> None:
        """Raises ValueError if a clip does not divide into the generator's positions."""
        self.generator.require_whole(self.data.frames, self.spec.n_mels)
