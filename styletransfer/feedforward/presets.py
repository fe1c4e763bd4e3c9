"""The recipes, by size."""

from __future__ import annotations

from styletransfer.feedforward.config import Config


def styletransfer_tiny() -> Config:
    """Two cores, minutes.

    Command: coverband train styletransfer --data data/ --workdir runs/mine
    """
    return Config(preset="styletransfer_tiny", steps=600)


PRESETS = {"styletransfer_tiny": styletransfer_tiny}
