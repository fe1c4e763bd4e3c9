"""The recipes, by size."""

from __future__ import annotations

from vaegan.config import Config, LossConfig


def vaegan_tiny() -> Config:
    """Two cores, a quarter of an hour.

    Pixels weigh more than features: these alone are sharper, and further from the truth (see README.md).

    Command: coverband train vaegan --data data/ --workdir runs/mine
    """
    loss = LossConfig(features=0.5, pixels=30.0, kl=0.3)
    return Config(preset="vaegan_tiny", steps=1200, loss=loss)


PRESETS = {"vaegan_tiny": vaegan_tiny}
