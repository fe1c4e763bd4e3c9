"""What every trained family can be told of its clips."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class CropConfig:
    """What one step sees.

    Attributes:
        frames: length of a clip.
        batch_size: clips, of each domain where there are two.
    """

    frames: int = 64
    batch_size: int = 8


@dataclasses.dataclass(frozen=True)
class AugmentConfig:
    """What is done to the band's training clips before a step sees them; nothing, unless it is asked for.

    A model learns to play what it is shown: a band with noise, or with holes, where these are asked for.

    Attributes:
        gain: uniform offset per clip, log-mel units (0.1 is about 5.7 dB).
        equalizer: deviation of a random smooth curve over frequency.
        knots: points of that curve.
        noise: deviation of white noise.
        time_masks: runs of frames that are silenced in each clip (SpecAugment, Park et al. 2019).
        time_width: each is shorter than this, frames.
        mel_masks: runs of mel bands that are silenced.
        mel_width: each is narrower than this, bands.
        content: whether the same is done to the content's clips.
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
        least = {"knots": 1, "time_width": 1, "mel_width": 1}
        for field in dataclasses.fields(self):
            if getattr(self, field.name) < (smallest := least.get(field.name, 0)):
                raise ValueError(f"augment.{field.name} must be {smallest} or more")

    @property
    def wanted(self) -> bool:
        """Whether anything is done at all."""
        return any((self.gain, self.equalizer, self.noise, self.time_masks, self.mel_masks))


@dataclasses.dataclass(frozen=True)
class DataConfig(CropConfig):
    """What one step of a translator sees.

    Attributes:
        augment: what is done to the clips.
    """

    augment: AugmentConfig = AugmentConfig()
