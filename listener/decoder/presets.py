"""The recipe."""

from __future__ import annotations

from listener.decoder.config import Config


def decoder_tiny() -> Config:
    """Two cores, some minutes.

    Command: coverband train decoder --data data/ --workdir runs/floor
    """
    return Config(preset="decoder_tiny", steps=600)


PRESETS = {"decoder_tiny": decoder_tiny}
