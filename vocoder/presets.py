"""The recipes, by size."""

from __future__ import annotations

from pipelines.data.config import CropConfig
from vocoder.config import Config, JudgesConfig, LossConfig, NetworkConfig, OptimizerConfig


def vocoder_tiny() -> Config:
    """Two cores, half an hour: distances of spectra alone.

    Command: coverband train vocoder --data data/ --workdir runs/vocoder --minutes 30
    Size: 3.4 M parameters.
    Expect: some 4000 steps; on the benchmark's bands valid/m_stft .58, and .65 without a source
        (Griffin-Lim, 32 iterations: 1.01 and 1.08).
    """
    return Config(
        preset="vocoder_tiny",
        steps=3000,
        network=NetworkConfig(iterations=2),
        judges=JudgesConfig(begin=1.0),
        optimizer=OptimizerConfig(rate=1e-3, hold=0.3),
    )


def vocoder_base() -> Config:
    """One GPU, hours: a wider and deeper network, with judges from a tenth of the way on.

    Command: coverband train vocoder --data data/ --workdir runs/vocoder --preset vocoder_base
    Size: 16 M parameters.
    """
    return Config(
        preset="vocoder_base",
        steps=200_000,
        network=NetworkConfig(width=512, blocks=8, phase_bins=1025),
        judges=JudgesConfig(begin=0.1, channels=32),
        loss=LossConfig(adversarial=1.0, features=2.0),
        optimizer=OptimizerConfig(rate=5e-4, judge_rate=2e-4, average=0.999),
        data=CropConfig(frames=128, batch_size=16),
    )


PRESETS = {"vocoder_tiny": vocoder_tiny, "vocoder_base": vocoder_base}
