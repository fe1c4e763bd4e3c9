"""The recipes, by size."""

from __future__ import annotations

from pipelines.data.config import DataConfig
from vaegan.config import (
    Config,
    DecoderConfig,
    DiscriminatorConfig,
    EncoderConfig,
    LossConfig,
    OptimizerConfig,
)


def vaegan_tiny() -> Config:
    """Two cores, a quarter of an hour.

    Pixels weigh more than features: these alone are sharper, and further from the truth (see README.md).

    Command: coverband train vaegan --data data/ --workdir runs/mine
    Time: 2200 steps in 15 to 16 minutes on two cores that have nothing else to do.
    Expect (the benchmark's rock band): 6.9 dB log-mel error to the truth where copying the source has 12.5,
    EQ match 10.1 and the L1 decoder 7.5.
    """
    loss = LossConfig(features=0.5, pixels=30.0, kl=0.3)
    return Config(preset="vaegan_tiny", steps=2200, loss=loss)


def vaegan_base() -> Config:
    """One GPU, hours: wider, deeper, longer clips. Not trained yet, so no numbers are known.

    Command: coverband train vaegan --data data/ --workdir runs/mine --preset vaegan_base
    """
    return Config(
        preset="vaegan_base",
        steps=50_000,
        encoder=EncoderConfig(width=256, blocks=4, latent=16),
        decoder=DecoderConfig(width=640, blocks=6),
        discriminator=DiscriminatorConfig(channels=32, depth=3, scales=3),
        loss=LossConfig(features=0.5, pixels=30.0, kl=0.3),
        optimizer=OptimizerConfig(rate=5e-4, discriminator_rate=1e-4, average=0.999),
        data=DataConfig(frames=256, batch_size=16),
    )


PRESETS = {"vaegan_tiny": vaegan_tiny, "vaegan_base": vaegan_base}
