"""The recipes, by size."""

from __future__ import annotations

from cyclegan.config import Config, DataConfig, DiscriminatorConfig, GeneratorConfig, OptimizerConfig


def cyclegan_tiny() -> Config:
    """Two cores, ten minutes."""
    return Config(preset="cyclegan_tiny", steps=800)


def cyclegan_base() -> Config:
    """One GPU, hours."""
    return Config(
        preset="cyclegan_base",
        steps=100_000,
        generator=GeneratorConfig(channels=64, width=768, blocks=8),
        discriminator=DiscriminatorConfig(channels=32, depth=3, scales=3),
        optimizer=OptimizerConfig(generator_rate=2e-4, discriminator_rate=1e-4, average=0.999),
        data=DataConfig(frames=256, batch_size=16),
    )


PRESETS = {"cyclegan_tiny": cyclegan_tiny, "cyclegan_base": cyclegan_base}
