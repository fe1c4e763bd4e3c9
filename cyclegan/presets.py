"""The recipes, by size."""

from __future__ import annotations

from cyclegan.config import Config, DiscriminatorConfig, OptimizerConfig
from pipelines.data.config import DataConfig
from pipelines.nn.generator import GeneratorConfig


def cyclegan_tiny() -> Config:
    """Two cores, minutes: learns something audible.

    Command: coverband train cyclegan --data data/ --workdir runs/mine --preset cyclegan_tiny
    Time: 800 steps in 9 minutes on two cores that had other work, too.
    Expect (make demo): 7.9 to 8.0 dB log-mel error to the truth where copying the source has 12.4 and EQ
    match 10.8; chroma to the truth 0.902 where the source has 0.887.
    """
    return Config(preset="cyclegan_tiny", steps=800)


def cyclegan_base() -> Config:
    """One GPU, hours: wider, deeper, longer clips. Not trained yet, so no numbers are known.

    Command: coverband train cyclegan --data data/ --workdir runs/mine --preset cyclegan_base
    """
    return Config(
        preset="cyclegan_base",
        steps=100_000,
        generator=GeneratorConfig(channels=64, width=768, blocks=8),
        discriminator=DiscriminatorConfig(channels=32, depth=3, scales=3),
        optimizer=OptimizerConfig(generator_rate=2e-4, discriminator_rate=1e-4, hold=0.3, average=0.999),
        data=DataConfig(frames=256, batch_size=16),
    )


PRESETS = {"cyclegan_tiny": cyclegan_tiny, "cyclegan_base": cyclegan_base}
