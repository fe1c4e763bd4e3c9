"""Everything that a run of the transcriber can be told, as frozen dataclasses; saved with every run."""

from __future__ import annotations

import dataclasses

from pipelines.audio.spec import AudioSpec
from pipelines.data.config import CropConfig


@dataclasses.dataclass(frozen=True)
class NetworkConfig:
    """The hearing network (see transcriber/networks.py).

    Attributes:
        harmonics: multiples of a pitch's frequency that are laid beside each other.
        channels: width of the 2-D part, which sees every pitch alike.
        width: width of the 1-D trunk, which sees all pitches at once.
        dilations: of the trunk's residual blocks, one number for each.
        contrast_width: mel bands around each to which the input compares it.
        time_stride: frames folded into one position.
    """

    harmonics: tuple[float, ...] = (0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0)
    channels: int = 32
    width: int = 256
    dilations: tuple[int, ...] = (1, 2, 4)
    contrast_width: int = 33
    time_stride: int = 2


@dataclasses.dataclass(frozen=True)
class LossConfig:
    """Weights of the three cross entropies.

    Attributes:
        sounding: of the pitches that sound.
        onset: of the pitches that begin.
        drums: of the strokes.
        onset_rarity: by how much an onset counts more than its absence, being rare.
    """

    sounding: float = 1.0
    onset: float = 1.0
    drums: float = 0.3
    onset_rarity: float = 4.0


@dataclasses.dataclass(frozen=True)
class AugmentConfig:
    """Configuration of the log-mel augmentation, in addition to the augmentation of the rendered sound.

    Attributes:
        gain: uniform offset per clip, log-mel units (0.1 is about 5.7 dB).
        equalizer: deviation of a random smooth curve over frequency.
        knots: points of that curve.
        noise: deviation of white noise.
        mix: share of the clips to which another clip is added, with its notes.
    """

    gain: float = 0.1
    equalizer: float = 0.08
    knots: int = 12
    noise: float = 0.03
    mix: float = 0.2


@dataclasses.dataclass(frozen=True)
class OptimizerConfig:
    """AdamW.

    Attributes:
        rate: learning rate.
        decay: of the weights.
        hold: progress up to which the rate is constant; then it falls linearly to zero.
        clip_norm: largest norm of a gradient.
        average: decay of the weights' moving average.
    """

    rate: float = 2e-3
    decay: float = 1e-4
    hold: float = 0.3
    clip_norm: float = 1.0
    average: float = 0.995


@dataclasses.dataclass(frozen=True)
class ContentConfig:
    """Configuration of the perturbation of the content that decoders are conditioned on in training.

    Note posteriors and level are perturbed, so that a decoder does not rely on how exactly the transcriber
    responds to the decoder's own band. (The decoders' configurations hold this one; the transcriber's own
    does not.)

    Attributes:
        least: smallest factor of the logits of a clip.
        most: largest.
        noise: deviation of white noise on the logits.
        pitch_noise: deviation of an offset of each pitch in a clip.
        level: deviation of an offset of the loudness, in deviations.
        level_noise: deviation of white noise on it.
    """

    least: float = 0.8
    most: float = 1.2
    noise: float = 0.5
    pitch_noise: float = 0.5
    level: float = 0.3
    level_noise: float = 0.15


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
    network: NetworkConfig = NetworkConfig()
    loss: LossConfig = LossConfig()
    augment: AugmentConfig = AugmentConfig()
    optimizer: OptimizerConfig = OptimizerConfig()
    data: CropConfig = dataclasses.field(default_factory=lambda: CropConfig(frames=192))

    def __post_init__(self) -> None:
        """Raises ValueError if a clip does not divide into the network's positions."""
        if self.data.frames % (stride := self.network.time_stride):
            raise ValueError(f"data.frames must be a multiple of network.time_stride, {stride}")
