"""Configuration of a run of the content decoder, saved with every run, and its preset."""

from __future__ import annotations

import dataclasses

from pipelines.data.config import DataConfig
from pipelines.nn.optimizers import OptimizerConfig
from pipelines.training.config import Preset, RunConfig
from transcriber.config import ContentConfig


@dataclasses.dataclass(frozen=True)
class NetworkConfig:
    """Sizes of the decoder.

    Attributes:
        width: width of its 1-D trunk.
        blocks: number of residual blocks.
        time_stride: frames packed into one position.
    """

    width: int = 320
    blocks: int = 4
    time_stride: int = 2


@dataclasses.dataclass(frozen=True)
class Config(RunConfig):
    """Configuration of a run of the content decoder.

    Attributes:
        network: sizes of the decoder.
        content: perturbation of the content in training.
        optimizer: of the decoder.
    """

    network: NetworkConfig = NetworkConfig()
    content: ContentConfig = dataclasses.field(default_factory=ContentConfig)
    optimizer: OptimizerConfig = dataclasses.field(default_factory=OptimizerConfig)
    data: DataConfig = dataclasses.field(default_factory=lambda: DataConfig(frames=128))

    def __post_init__(self) -> None:
        """Raises ValueError if a clip does not divide into the network's positions."""
        if self.data.frames % (stride := self.network.time_stride):
            raise ValueError(f"data.frames must be a multiple of network.time_stride, {stride}")


def content_decoder_tiny() -> Config:
    """Content decoder for two CPU cores and some minutes.

    Command: coverband train content_decoder --data data/ --workdir runs/floor
    Expect (the benchmark's rock band): 7.5 dB log-mel error to the truth where copying the source has 12.5
    and EQ match 10.1.
    """
    return Config(preset="content_decoder_tiny", steps=600)


PRESETS = {
    "content_decoder_tiny": Preset(content_decoder_tiny, "600 steps in two and a half minutes on two cores")
}
