"""The recipes, by size."""

from __future__ import annotations

from pipelines.data.config import DataConfig
from pipelines.nn.generator import GeneratorConfig
from pipelines.nn.optimizers import AdamConfig
from styletransfer.feedforward.config import Config, PerceptualConfig


def styletransfer_tiny() -> Config:
    """Two cores, minutes.

    Command: coverband train styletransfer --data data/ --workdir runs/mine
    Time: 600 steps in five minutes on two cores; in eight where they have other work, too.
    Expect (the benchmark's rock band): 8.9 dB log-mel error to the truth where copying the source has 12.5
    and EQ match 10.1.
    """
    return Config(preset="styletransfer_tiny", steps=600)


def styletransfer_base() -> Config:
    """One GPU, hours: a wider and deeper network, longer clips. Not trained yet, so no numbers are known.

    Command: coverband train styletransfer --data data/ --workdir runs/mine --preset styletransfer_base
    """
    return Config(
        preset="styletransfer_base",
        steps=20_000,
        generator=GeneratorConfig(channels=64, width=768, blocks=8),
        perceptual=PerceptualConfig(filters=2048, widths=(1, 5, 11, 31)),
        optimizer=AdamConfig(rate=2e-4, average=0.999),
        data=DataConfig(frames=256, batch_size=16),
    )


PRESETS = {"styletransfer_tiny": styletransfer_tiny, "styletransfer_base": styletransfer_base}
