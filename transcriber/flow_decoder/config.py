"""Configuration of a run of the flow decoder, saved with every run, and its preset."""

from __future__ import annotations

import dataclasses

from pipelines.data.config import DataConfig
from pipelines.nn.optimizers import OptimizerConfig
from pipelines.training.config import Preset, RunConfig
from transcriber.config import ContentConfig, ViewConfig


@dataclasses.dataclass(frozen=True)
class NetworkConfig:
    """Sizes of the velocity network, and the steps of the sampler.

    Attributes:
        width: width of its 1-D trunk.
        blocks: number of residual blocks of the trunk.
        time_stride: frames packed into one position.
        channels: width of its 2-D part.
        layers: number of 2-D convolutions with that width.
        steps: Euler steps of a translation.
        bound: limit of the output's deviation from the band's mean, in the band's standard deviations; above
            0.
    """

    width: int = 320
    blocks: int = 3
    time_stride: int = 2
    channels: int = 32
    layers: int = 3
    steps: int = 6
    bound: float = 4.0


@dataclasses.dataclass(frozen=True)
class LossConfig:
    """Weights of the losses.

    Attributes:
        flow: mean squared error of the velocity, in deviations of the band.
        contrast: distance of estimated translations to their sources in the local contrast over frequency,
            as far as it is present in their view.
        rises: the same in the rises over time.
    """

    flow: float = 1.0
    contrast: float = 1.2
    rises: float = 0.4


@dataclasses.dataclass(frozen=True)
class Config(RunConfig):
    """Configuration of a run of the flow decoder.

    Attributes:
        network: sizes of the velocity network.
        content: perturbation of notes and level in training.
        view: perturbation of the view of the source in training.
        loss: weights of the losses.
        optimizer: of the velocity network.
    """

    network: NetworkConfig = NetworkConfig()
    content: ContentConfig = dataclasses.field(default_factory=ContentConfig)
    view: ViewConfig = dataclasses.field(default_factory=ViewConfig)
    loss: LossConfig = LossConfig()
    optimizer: OptimizerConfig = dataclasses.field(
        default_factory=lambda: OptimizerConfig(weight_decay=0.1, hold=0.4)
    )
    data: DataConfig = dataclasses.field(default_factory=lambda: DataConfig(frames=128))

    def __post_init__(self) -> None:
        """Raises ValueError for sizes that do not fit each other."""
        if self.network.bound <= 0:
            raise ValueError("network.bound must be above 0")
        if self.data.frames % 2 or self.spec.n_mels % 2:
            raise ValueError("data.frames and the spec's n_mels must be even")
        if self.data.frames % (stride := self.network.time_stride):
            raise ValueError(f"data.frames must be a multiple of network.time_stride, {stride}")


def flow_decoder_tiny() -> Config:
    """Flow decoder for two CPU cores and a quarter of an hour.

    Command: coverband train flow_decoder --data data/ --workdir runs/flow
    """
    return Config(preset="flow_decoder_tiny", steps=2200)


PRESETS = {"flow_decoder_tiny": Preset(flow_decoder_tiny, "2200 steps in a quarter of an hour on two cores")}
