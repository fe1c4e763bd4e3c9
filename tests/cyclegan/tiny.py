"""The real tiny preset, shrunk."""

from __future__ import annotations

from typing import Any

import keras

from cyclegan.config import Config, cyclegan_tiny
from cyclegan.model import CycleGAN
from pipelines.audio.spec import AudioSpec
from tests.shrinking import shrunk

SPEC = AudioSpec(sample_rate=16000, n_fft=512, hop_length=128, n_mels=32, fmax=8000.0)
FRAMES = 32
DISCRIMINATOR: dict[str, Any] = {"channels": 4, "depth": 1, "scales": 1, "replay": 6}


def config(**groups: dict[str, Any]) -> Config:
    """The preset in small; `loss={"cycle_gradient": True}` changes fields of a group."""
    sizes: dict[str, dict[str, Any]] = {
        "generator": {"channels": 4, "width": 16, "blocks": 1},
        "discriminator": DISCRIMINATOR,
        "data": {"frames": FRAMES, "batch_size": 2},
    }
    return shrunk(cyclegan_tiny(), SPEC, sizes, groups)


def model(seed: int = 5, **groups: dict[str, Any]) -> CycleGAN:
    """A new model."""
    keras.utils.set_random_seed(seed)
    built = CycleGAN(config(**groups))
    built.compile()
    return built
