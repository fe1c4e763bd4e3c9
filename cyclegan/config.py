"""Configuration of a CycleGAN run, saved with every run, and its presets."""

from __future__ import annotations

import dataclasses
from typing import Literal

from pipelines.data.config import DataConfig
from pipelines.nn.generator import GeneratorConfig
from pipelines.nn.optimizers import AdversarialOptimizerConfig
from pipelines.training.config import Preset, RunConfig


@dataclasses.dataclass(frozen=True)
class DiscriminatorConfig:
    """Multi-scale patch discriminator of one domain.

    Attributes:
        channels: width of the first layer.
        depth: number of further layers, each of which halves the resolution.
        scales: number of resolutions, each half the one before.
        loss: adversarial loss, "lsgan" or "hinge".
        units: of what it sees: "log_mel", or "deviations" of the domain's mel bands from their means.
        replay: size of the pool of past translations; 0 for none.
    """

    channels: int = 16
    depth: int = 2
    scales: int = 2
    loss: Literal["lsgan", "hinge"] = "lsgan"
    units: Literal["log_mel", "deviations"] = "log_mel"
    replay: int = 50


@dataclasses.dataclass(frozen=True)
class LossConfig:
    """Weights of the generators' losses, and of the discriminators' penalty.

    Distances are in log-mel units, where [-1, 1] spans the spec's range.

    Attributes:
        adversarial: adversarial loss of each generator.
        cycle: cycle consistency, mean absolute error.
        cycle_gradient: whether the cycle loss also trains the first of its two generators, as in the paper.
        content: distance between the note posteriors of a translation and of its source; 0 for none.
        identity: restoration of a corrupted clip of the target domain.
        contrast: distance of translations to their sources in the local contrast over frequency.
        rises: the same in the rises over time.
        penalty: gradient penalty R1 of the discriminators; 0 for none.
        penalty_every: steps from one gradient penalty to the next.
    """

    adversarial: float = 0.2
    cycle: float = 10.0
    cycle_gradient: bool = False
    content: float = 0.0
    identity: float = 10.0
    contrast: float = 0.0
    rises: float = 0.0
    penalty: float = 0.0
    penalty_every: int = 16


@dataclasses.dataclass(frozen=True)
class CorruptionConfig:
    """Configuration of the corruption of clips that a generator restores: notes stay, the timbre does not.

    Attributes:
        envelope: share of the clips that get another clip's envelope frame by frame; the others get its
            long-term spectrum.
        envelope_width: mel bands over which an envelope is averaged.
        low_pass: share of the clips that lose what lies above a random band.
        gain: uniform offset per clip, log-mel units (0.1 is about 5.7 dB).
        equalizer: deviation of a random smooth curve over frequency.
        knots: points of that curve.
        noise: deviation of white noise.
    """

    envelope: float = 0.5
    envelope_width: int = 33
    low_pass: float = 0.5
    gain: float = 0.02
    equalizer: float = 0.05
    knots: int = 12
    noise: float = 0.06


@dataclasses.dataclass(frozen=True)
class DiffAugmentConfig:
    """Configuration of DiffAugment, the augmentation of a discriminator's real and translated input clips.

    Attributes:
        gain: uniform offset per clip, log-mel units.
        shift: largest time shift, as a share of the clip.
        cut: frames silenced, likewise.
    """

    gain: float = 0.02
    shift: float = 0.125
    cut: float = 0.2


def _optimizer() -> AdversarialOptimizerConfig:
    return AdversarialOptimizerConfig(
        learning_rate=5e-4, beta_1=0.5, beta_2=0.99, hold=0.0, discriminator_learning_rate=2e-4
    )


@dataclasses.dataclass(frozen=True)
class Config(RunConfig):
    """Configuration of a CycleGAN run.

    Attributes:
        generator: both generators.
        discriminator: both discriminators.
        loss: weights of the losses.
        corruption: corruption of the clips that the identity loss restores, and of the cycle's translations.
        diff_augment: augmentation of the discriminators' input.
        optimizer: of the generators and of the discriminators.
    """

    generator: GeneratorConfig = dataclasses.field(default_factory=GeneratorConfig)
    discriminator: DiscriminatorConfig = DiscriminatorConfig()
    loss: LossConfig = LossConfig()
    corruption: CorruptionConfig = CorruptionConfig()
    diff_augment: DiffAugmentConfig = DiffAugmentConfig()
    optimizer: AdversarialOptimizerConfig = dataclasses.field(default_factory=_optimizer)
    data: DataConfig = dataclasses.field(default_factory=DataConfig)

    def __post_init__(self) -> None:
        """Raises ValueError if a clip does not divide into the generator's positions."""
        self.generator.require_whole(self.data.frames, self.spec.n_mels)


def cyclegan_tiny() -> Config:
    """CycleGAN for two CPU cores and some minutes.

    Command: coverband train cyclegan --data data/ --workdir runs/mine --preset cyclegan_tiny
    Expect (make demo): 8.3 dB log-mel error to the truth, where copying the source has 12.4 and EQ match
    10.7; chroma to the truth 0.912, where the source has 0.892.
    """
    return Config(preset="cyclegan_tiny", steps=800)


def cyclegan_held() -> Config:
    """CycleGAN that is held to its source, for real recordings, on two CPU cores and some minutes.

    The output is bounded, the discriminators have a gradient penalty and learn fast, in units in which all
    mel bands are alike, and translations keep the places of the source's partials and strokes. A longer
    training is better.

    Command: coverband train cyclegan --data data/ --workdir runs/mine --preset cyclegan_held
    Expect (rendered rock, 22 pairs): 7.8 dB log-mel error to the truth, 7.5 after 2000 steps; copying 10.4.
    """
    tiny = cyclegan_tiny()
    loss = dataclasses.replace(tiny.loss, adversarial=1.0, contrast=3.0, rises=1.0, penalty=2.0)
    return dataclasses.replace(
        tiny,
        preset="cyclegan_held",
        generator=dataclasses.replace(tiny.generator, bound=4.0),
        discriminator=dataclasses.replace(tiny.discriminator, units="deviations"),
        loss=loss,
        optimizer=dataclasses.replace(tiny.optimizer, discriminator_learning_rate=1e-3),
    )


PRESETS = {
    "cyclegan_tiny": Preset(cyclegan_tiny, "800 steps in 9 minutes on two cores that had other work, too"),
    "cyclegan_held": Preset(cyclegan_held, "800 steps in 12 minutes on two cores that had other work, too"),
}
