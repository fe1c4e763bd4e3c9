"""The recipes, by size."""

from __future__ import annotations

from listener.config import Config, DataConfig, NetworkConfig


def listener_tiny() -> Config:
    """Two cores, a quarter of an hour.

    Command: coverband train listener --data lessons/ --workdir runs/listener
    """
    return Config(preset="listener_tiny", steps=1500)


def listener_base() -> Config:
    """One GPU, or two cores and a night, on the full lessons."""
    return Config(
        preset="listener_base",
        steps=30_000,
        network=NetworkConfig(width=256, blocks=3),
        data=DataConfig(frames=256, batch_size=16),
    )


PRESETS = {"listener_tiny": listener_tiny, "listener_base": listener_base}
