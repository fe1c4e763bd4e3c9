"""Everything that a run of the decoder can be told, as frozen dataclasses; saved with every run."""

from __future__ import annotations

import dataclasses

from listener.config import ContentConfig
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
    content: ContentConfig = dataclasses.field(default_factory=ContentConfig)
    optimizer: OptimizerConfig = OptimizerConfig()
    data: DataConfig = DataConfig()

    def __post_init__(self) -> None:
        """Raises ValueError if a clip does not divide into the network's positions."""
        if self.data.frames % (stride := self.network.time_stride):
            raise ValueError(f"data.frames must be a multiple of network.time_stride, {stride}")
