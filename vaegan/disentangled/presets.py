"""The recipes, by size."""

from __future__ import annotations

from vaegan.disentangled.config import Config


def disentangled_tiny() -> Config:
    """Two cores, a quarter of an hour.

    Command: coverband train disentangled --data data/ --workdir runs/mine
    Time: 1200 steps in 15 minutes on two cores that had other work, too.
    Expect (the benchmark's rock band): 8.0 dB log-mel error to the truth where copying the source has 12.5,
    EQ match 10.1 and the VAE-GAN 6.9.
    """
    return Config(preset="disentangled_tiny", steps=1200)


PRESETS = {"disentangled_tiny": disentangled_tiny}
