"""Everything that a run of the decoder can be told, as frozen dataclasses; saved with every run."""

from __future__ import annotations

import dataclasses

from pipelines.audio.spec import AudioSpec
from pipelines.data.config import DataConfig
from pipelines.nn.optimizers import AdamConfig
from transcriber.config import ContentConfig


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
    optimizer: AdamConfig = dataclasses.field(default_factory=AdamConfig)
    data: DataConfig = dataclasses.field(default_factory=lambda: DataConfig(frames=128))

    def __post_init__(self) -> None:
        """Raises ValueError if a clip does not divide into the network's positions."""
        if self.data.frames % (stride := self.network.time_stride):
            raise ValueError(f"data.frames must be a multiple of network.time_stride, {stride}")
