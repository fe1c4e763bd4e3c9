"""Configuration of the base's training, saved with every run, and its preset."""

from __future__ import annotations

import dataclasses

from pipelines.data.config import DataConfig
from pipelines.training.config import Preset
from transcriber.config import ContentConfig
from vaegan.config import AdversarialOptimizerConfig, LossConfig, vaegan_base
from vaegan.config import Config as VAEGANConfig


@dataclasses.dataclass(frozen=True)
class Config(VAEGANConfig):
    """Configuration of a run that trains a base.

    Attributes:
        style_frames: frames of the clip that a band's latent is encoded from.
    """

    style_frames: int = 384

    def __post_init__(self) -> None:
        """Raises ValueError for sizes that do not fit each other, and losses that a base does not have."""
        loss = self.loss
        if loss.contrast or loss.rises or loss.levels or loss.margin:
            raise ValueError(
                "a base has no samples and no gates: loss.contrast, .rises, .levels and .margin must be 0"
            )
        if self.decoder.levels:
            raise ValueError("a base has no domain for levels to be relative to: leave decoder.levels off")
        super().__post_init__()
        if self.style_frames % (stride := self.encoder.time_stride):
            raise ValueError(f"style_frames must be a multiple of encoder.time_stride, {stride}")


def base_tiny() -> Config:
    """Base of the shipped size.

    Its content is perturbed less than a band's own, since the notes of another ensemble's recording are
    wrong in the way that a source's are.

    Command: coverband train base --data transcription_data/ --workdir runs/base
    """
    sizes = vaegan_base()
    return Config(
        preset="base_tiny",
        steps=8000,
        encoder=sizes.encoder,
        decoder=sizes.decoder,
        content=ContentConfig(least=0.9, most=1.1, noise=0.25, pitch_noise=0.25),
        loss=LossConfig(kl=0.001, contrast=0.0, rises=0.0, ramp=0.0),
        optimizer=AdversarialOptimizerConfig(
            weight_decay=0.1,
            beta_1=0.5,
            beta_2=0.99,
            hold=0.4,
            ema_momentum=0.999,
            discriminator_learning_rate=3e-4,
        ),
        data=DataConfig(frames=128, batch_size=8),
    )


PRESETS = {"base_tiny": Preset(base_tiny, "8000 steps in two hours on two cores")}
