"""Configuration of a run of the transcriber, saved with every run, and its presets."""

from __future__ import annotations

import dataclasses

from pipelines.data.config import CropConfig
from pipelines.nn.optimizers import OptimizerConfig
from pipelines.training.config import Preset, RunConfig
from transcriber.network_config import NetworkConfig


@dataclasses.dataclass(frozen=True)
class LossConfig:
    """Weights of the three cross entropies.

    Attributes:
        sounding: of the pitches that sound.
        onset: of the pitches that begin.
        drums: of the drum strokes.
        onset_rarity: weight of an onset relative to its absence, since onsets are rare.
        consistency: agreement of twins (recordings of one excerpt by other instruments) with what the
            averaged weights say of both; 0 for batches without twins.
        consistency_warm_up: steps in which that weight rises from 0.
        edges: its additional weight near the beginnings and ends of notes.
    """

    sounding: float = 1.0
    onset: float = 1.0
    drums: float = 0.3
    onset_rarity: float = 4.0
    consistency: float = 0.0
    consistency_warm_up: int = 1000
    edges: float = 3.0


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
class ViewConfig:
    """Configuration of the perturbation of a view of the source (see `transcriber.perturbation`).

    Attributes:
        equalizer: deviation of a random smooth curve over frequency, log-mel units.
        knots: points of that curve.
        noise: largest deviation of white noise on the log-mel.
        gain: largest relative deviation of the gains of contrast and rises.
        contrast_noise: largest deviation of white noise on the contrast.
        drop_notes: share of the clips without notes.
        drop_contrast: share of the clips without contrast, relative to those with some.
        drop_rises: share of the clips without rises.
        partial: share of the clips with some contrast whose presence is partial.
        drop_levels: share of the clips without levels, relative to those with some.
        partial_levels: share of the clips with some levels whose presence is partial.
        level: largest offset of the levels of all groups of bands, in their unit.
        group_level: largest offset of the levels of each group, beside it.
        level_noise: deviation of white noise on the levels.
    """

    equalizer: float = 0.15
    knots: int = 12
    noise: float = 0.06
    gain: float = 0.4
    contrast_noise: float = 0.5
    drop_notes: float = 0.15
    drop_contrast: float = 0.33
    drop_rises: float = 0.15
    partial: float = 0.6
    drop_levels: float = 0.15
    partial_levels: float = 0.3
    level: float = 2.0
    group_level: float = 1.5
    level_noise: float = 0.3


@dataclasses.dataclass(frozen=True)
class Config(RunConfig):
    """Configuration of a run of the transcriber.

    Attributes:
        network: sizes of the network.
        loss: weights of the losses.
        augment: augmentation of the clips.
        optimizer: of the network.
    """

    network: NetworkConfig = dataclasses.field(default_factory=NetworkConfig)
    loss: LossConfig = LossConfig()
    augment: AugmentConfig = AugmentConfig()
    optimizer: OptimizerConfig = dataclasses.field(
        default_factory=lambda: OptimizerConfig(learning_rate=2e-3, weight_decay=1e-4, clip_norm=1.0)
    )
    data: CropConfig = dataclasses.field(default_factory=lambda: CropConfig(frames=192))

    def __post_init__(self) -> None:
        """Raises ValueError if a clip does not divide into the network's positions."""
        if self.data.frames % (stride := self.network.time_stride):
            raise ValueError(f"data.frames must be a multiple of network.time_stride, {stride}")
        if self.loss.consistency and self.data.batch_size % 2:
            raise ValueError("data.batch_size must be even, since half of a batch are twins")


def transcriber_tiny() -> Config:
    """Transcriber for two CPU cores and a quarter of an hour, on the small transcription data.

    Command: coverband train transcriber --data transcription_data/ --workdir runs/transcriber
    Expect (python -m tools benchmark transcriber, small; with an earlier trunk, whose context was shorter):
    F1 of frames 0.72, of onsets 0.61.
    """
    return Config(preset="transcriber_tiny", steps=1200)


def transcriber_base() -> Config:
    """Transcriber for two CPU cores and half an hour, on the full transcription data.

    The shipped one was trained on by 1500 steps on twins, see transcriber/README.md.

    Command: coverband train transcriber --data transcription_data/ --workdir runs/x --preset transcriber_base
    Expect (python -m tools benchmark transcriber, full, without twins): F1 of frames 0.77, of onsets 0.68.
    """
    return Config(preset="transcriber_base", steps=4500)


PRESETS = {
    "transcriber_tiny": Preset(
        transcriber_tiny, "1200 steps in 25 minutes on two cores that had other work, too"
    ),
    "transcriber_base": Preset(
        transcriber_base, "4500 steps in 31 minutes on two cores that had other work, too"
    ),
}
