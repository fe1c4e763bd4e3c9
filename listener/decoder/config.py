"""Everything that a run of the decoder can be told, as frozen dataclasses; saved with every run."""

from __future__ import annotations

import dataclasses

from pipelines.audio.spec import AudioSpec


@dataclasses.dataclass(frozen=True)
class NetworkConfig:
    """The decoding network.

    Attributes:
        width: of its 1-D trunk.
        blocks: residual blocks.
        time_stride: frames folded into one position.
    """

    width: int = 320
    blocks: int = 4
    time_stride: int = 2


@dataclasses.dataclass(frozen=True)
class PerturbConfig:
    """What is done to what the listener hears, so that the decoder cannot lean on how it hears its own band.

    Attributes:
        least: smallest factor of the logits of a clip.
        most: largest.
        noise: deviation of white noise on the logits.
        pitch_noise: deviation of an offset of each pitch in a clip.
        level: deviation of an offset of the loudness, in its own deviations.
        level_noise: deviation of white noise on it.
    """

    least: float = 0.5
    most: float = 1.2
    noise: float = 1.0
    pitch_noise: float = 1.0
    level: float = 0.3
    level_noise: float = 0.15


@dataclasses.dataclass(frozen=True)
class OptimizerConfig:
    """Adam.

    Attributes:
        rate: learning rate.
        hold: progress up to which the rate is constant; then it falls linearly to zero.
        clip_norm: largest norm of a gradient.
        average: decay of the weights' moving average.
    """

    rate: float = 1e-3
    hold: float = 0.3
    clip_norm: float = 5.0
    average: float = 0.995


@dataclasses.dataclass(frozen=True)
class DataConfig:
    """What one step sees.

    Attributes:
        frames: length of a clip.
        batch_size: clips.
    """

    frames: int = 128
    batch_size: int = 8


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
    network: NetworkConfig = NetworkConfig()
    perturb: PerturbConfig = PerturbConfig()
    optimizer: OptimizerConfig = OptimizerConfig()
    data: DataConfig = DataConfig()

    def __post_init__(self) -> None:
        """Raises ValueError if a clip does not divide into the network's positions."""
        if self.data.frames % (stride := self.network.time_stride):
            raise ValueError(f"data.frames must be a multiple of network.time_stride, {stride}")
