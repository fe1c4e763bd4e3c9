"""Configuration of training clips, common to all model families."""

from __future__ import annotations

import dataclasses
from typing import Protocol


@dataclasses.dataclass(frozen=True)
class CropConfig:
    """Configuration of the clips in the batch of one training step.

    Attributes:
        frames: length of a clip.
        batch_size: number of clips, of each domain where there are two.
    """

    frames: int = 64
    batch_size: int = 8


@dataclasses.dataclass(frozen=True)
class AugmentConfig:
    """Configuration of the augmentation of the band's training clips; the defaults disable all of it.

    A model learns the sound of the augmented clips: noise or masks in them also appear in its translations.

    Attributes:
        gain: largest offset of a clip, uniform in [-gain, gain], log-mel units (0.1 is about 5.7 dB).
        equalizer: standard deviation of a smooth random curve over the mel bands, log-mel units.
        knots: number of points of that curve.
        noise: standard deviation of white noise, log-mel units.
        time_masks: number of runs of frames that are silenced in each clip (SpecAugment, Park et al. 2019).
        time_width: upper bound (exclusive) of the length of a run, frames.
        mel_masks: number of runs of mel bands that are silenced in each clip.
        mel_width: upper bound (exclusive) of the width of a run, mel bands.
        content: true if the content's clips are augmented in the same way.
    """

    gain: float = 0.0
    equalizer: float = 0.0
    knots: int = 12
    noise: float = 0.0
    time_masks: int = 0
    time_width: int = 16
    mel_masks: int = 0
    mel_width: int = 24
    content: bool = False

    def __post_init__(self) -> None:
        """Raises ValueError for a number that is too small."""
        minimum = {"knots": 1, "time_width": 1, "mel_width": 1}
        for field in dataclasses.fields(self):
            if getattr(self, field.name) < (smallest := minimum.get(field.name, 0)):
                raise ValueError(f"augment.{field.name} must be {smallest} or more")

    @property
    def is_enabled(self) -> bool:
        """True if any augmentation is enabled."""
        return any((self.gain, self.equalizer, self.noise, self.time_masks, self.mel_masks))


@dataclasses.dataclass(frozen=True)
class DataConfig(CropConfig):
    """Configuration of a translator's training clips and of their augmentation.

    Attributes:
        augment: augmentation of the clips.
    """

    augment: AugmentConfig = AugmentConfig()


class RunConfig(Protocol):
    """Configuration of a run, as far as it concerns its training clips."""

    @property
    def data(self) -> DataConfig:
        """Configuration of the training clips."""
        ...


class TrainableModel(Protocol):
    """Model whose configuration includes that of its training clips."""

    @property
    def config(self) -> RunConfig:
        """Configuration of the model."""
        ...
