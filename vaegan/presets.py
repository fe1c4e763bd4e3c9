"""The recipes, by size."""

from __future__ import annotations

from vaegan.config import Config


def vaegan_tiny() -> Config:
    """Two cores, minutes.

    Command: coverband train vaegan --data data/ --workdir runs/mine
    """
    return Config(preset="vaegan_tiny", steps=1500)


PRESETS = {"vaegan_tiny": vaegan_tiny}
