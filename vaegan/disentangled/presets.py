"""The recipes, by size."""

from __future__ import annotations

from vaegan.disentangled.config import Config


def disentangled_tiny() -> Config:
    """Two cores, a quarter of an hour."""
    return Config(preset="disentangled_tiny", steps=1500)


PRESETS = {"disentangled_tiny": disentangled_tiny}
