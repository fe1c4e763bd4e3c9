"""Everything that a CycleGAN run can be told, as frozen dataclasses; saved with every run."""

from __future__ import annotations

import dataclasses
from typing import Literal

from pipelines.audio.spec import AudioSpec
from pipelines.data.config import DataConfig
from pipelines.nn.generator import GeneratorConfig


@dataclasses.dataclass(frozen=True)
class DiscriminatorConfig:
    """The judge of one domain.

    Attributes:
        channels: width of its first layer.
        depth: halvings after the first layer.
        scales: resolutions, each half the one before.
        loss: "lsgan" or "hinge".
        replay: past translations kept to be judged again; 0 for none.
    """

    channels: int = 16
    depth: int = 2
    scales: int = 2
    loss: Literal["lsgan", "hinge"] = "lsgan"
    replay: int = 50


@dataclasses.dataclass(frozen=True)
class LossConfig:
    """Weights of the generators' losses.

    Distances are in log-mel units, where [-1, 1] spans the spec's range.

    Attributes:
        adversarial: each generator against the discriminator of its target.
        cycle: there and back, mean absolute error.
        cycle_gradient: whether the cycle also trains the generator that goes there, as in the paper.
        feature_cycle: there and back, in the discriminator's features (Wang and Lin 2024); 0 for none.
        patch_nce: patches of a translation have to resemble those of its source at the same place more than
            others of it, in the generator's features (Park et al. 2020); 0 for none.
        content: what the transcriber hears in a translation has to be what it hears in its source; 0 for none.
        identity: a disguised clip of the target has to be restored.
        identity_final: what that weight has become at progress `identity_end`.
        identity_begin: progress at which it begins to fall.
        identity_end: progress at which it has fallen.
    """

    adversarial: float = 0.2
    cycle: float = 10.0
    cycle_gradient: bool = False
    feature_cycle: float = 0.0
    patch_nce: float = 0.0
    content: float = 0.0
    identity: float = 10.0
    identity_final: float = 10.0
    identity_begin: float = 0.5
    identity_end: float = 1.0


@dataclasses.dataclass(frozen=True)
class DisguiseConfig:
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
class AugmentConfig:
    """Configuration of DiffAugment, the augmentation of a discriminator's real and translated input clips.

    Attributes:
        gain: uniform offset per clip, log-mel units.
        shift: largest time shift, as a share of the clip.
        cut: frames silenced, likewise.
    """

    gain: float = 0.02
    shift: float = 0.125
    cut: float = 0.2


@dataclasses.dataclass(frozen=True)
class OptimizerConfig:
    """Adam, twice.

    Attributes:
        generator_rate: learning rate of both generators.
        discriminator_rate: learning rate of both discriminators.
        beta_1: Adam's first decay.
        beta_2: Adam's second decay.
        hold: progress up to which the rates are constant; then they fall linearly to zero.
        clip_norm: largest norm of a gradient.
        average: decay of the weights' moving average.
    """

    generator_rate: float = 5e-4
    discriminator_rate: float = 2e-4
    beta_1: float = 0.5
    beta_2: float = 0.99
    hold: float = 0.0
    clip_norm: float = 5.0
    average: float = 0.995


@dataclasses.dataclass(frozen=True)
class Config:
    """A whole run.

    Attributes:
        preset: the name that it started from.
        steps: training steps when the command line gives neither steps nor minutes.
    """

    preset: str = "custom"
    steps: int = 1000
    spec: AudioSpec = dataclasses.field(default_factory=AudioSpec)
    generator: GeneratorConfig = dataclasses.field(default_factory=GeneratorConfig)
    discriminator: DiscriminatorConfig = DiscriminatorConfig()
    loss: LossConfig = LossConfig()
    disguise: DisguiseConfig = DisguiseConfig()
    augment: AugmentConfig = AugmentConfig()
    optimizer: OptimizerConfig = OptimizerConfig()
    data: DataConfig = dataclasses.field(default_factory=DataConfig)

    def __post_init__(self) -> None:
        """Raises ValueError if a clip does not divide into the generator's positions."""
        self.generator.require_whole(self.data.frames, self.spec.n_mels)
