"""Configuration of a run of the sequence-to-sequence model, saved with every run, and its preset."""

from __future__ import annotations

import dataclasses

from pipelines.data.config import DataConfig
from pipelines.nn.optimizers import OptimizerConfig
from pipelines.training.config import Preset, RunConfig
from transcriber.config import ContentConfig


@dataclasses.dataclass(frozen=True)
class NetworkConfig:
    """Sizes of the Transformer.

    Attributes:
        width: of its positions.
        encoder_blocks: number of blocks of the encoder.
        decoder_blocks: number of blocks of the decoder.
        heads: of the attention; their number divides the width.
        patch: frames of a position.
        reach: distance, in positions, from which on attention does not tell distances apart.
        warm_up: positions that are decoded before each segment of a song, and dropped.
        bound: limit of the output's deviation from the band's mean, in the band's standard deviations; above
            0.
    """

    width: int = 192
    encoder_blocks: int = 2
    decoder_blocks: int = 2
    heads: int = 4
    patch: int = 8
    reach: int = 16
    warm_up: int = 4
    bound: float = 4.0


@dataclasses.dataclass(frozen=True)
class PastConfig:
    """Patches from which a next one is predicted in training: the band's, or predictions; perturbed.

    In a translation they are predictions. A network that was trained with the band's alone repeats the patch
    before, as it is right to do there, and translations are drones.

    Attributes:
        predicted: share of the clips that are predicted from predictions (Bengio et al. 2015, "Scheduled
            sampling for sequence prediction with recurrent neural networks").
        drop: share of the patches that are replaced by the band's mean.
        noise: deviation of white noise on the others, in the band's deviations.
    """

    predicted: float = 0.5
    drop: float = 0.3
    noise: float = 0.5


@dataclasses.dataclass(frozen=True)
class Config(RunConfig):
    """Configuration of a run of the sequence-to-sequence model.

    Attributes:
        network: sizes of the Transformer.
        past: perturbation of the patches before a patch in training.
        content: perturbation of the content in training.
        optimizer: of the Transformer.
        warm_up: steps in which the learning rate rises.
        data: its clips are as long as the segments of a translation.
    """

    network: NetworkConfig = NetworkConfig()
    past: PastConfig = PastConfig()
    content: ContentConfig = dataclasses.field(default_factory=ContentConfig)
    optimizer: OptimizerConfig = dataclasses.field(default_factory=OptimizerConfig)
    warm_up: int = 100
    data: DataConfig = dataclasses.field(default_factory=lambda: DataConfig(frames=256))

    def __post_init__(self) -> None:
        """Raises ValueError for sizes that do not fit each other."""
        network = self.network
        if network.bound <= 0:
            raise ValueError("network.bound must be above 0")
        if self.data.frames % network.patch:
            raise ValueError(f"data.frames must be a multiple of network.patch, {network.patch}")
        if network.width % network.heads:
            raise ValueError(f"network.width must be a multiple of network.heads, {network.heads}")
        if not 0 <= self.warm_up_frames <= self.data.frames:
            raise ValueError("network.warm_up must be at least 0, and its frames at most data.frames")

    @property
    def warm_up_frames(self) -> int:
        """Frames that are decoded before each segment of a translation, and dropped."""
        return self.network.warm_up * self.network.patch


def seq2seq_tiny() -> Config:
    """Sequence-to-sequence model for two CPU cores and some minutes.

    Command: coverband train seq2seq --data data/ --workdir runs/seq2seq
    Expect (the benchmark's rock band by TimGM6mb): 6.7 dB log-mel error to the truth, where the content
    decoder has 6.2 after as many steps, and copying the source 10.4.
    """
    return Config(preset="seq2seq_tiny", steps=800)


PRESETS = {"seq2seq_tiny": Preset(seq2seq_tiny, "800 steps in five minutes on two cores")}
