"""The real tiny preset, shrunk."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras

from cyclegan.config import Config
from cyclegan.model import CycleGAN
from cyclegan.presets import cyclegan_tiny
from pipelines.audio.spec import AudioSpec

SPEC = AudioSpec(sample_rate=16000, n_fft=512, hop_length=128, n_mels=32, fmax=8000.0)
FRAMES = 32
JUDGE: dict[str, Any] = {"channels": 4, "depth": 1, "scales": 1, "replay": 6}


def config(**groups: dict[str, Any]) -> Config:
    """The preset in small; `loss={"cycle_gradient": True}` changes fields of a group."""
    small = cyclegan_tiny()
    sizes: dict[str, dict[str, Any]] = {
        "generator": {"channels": 4, "width": 16, "blocks": 1},
        "discriminator": JUDGE,
        "data": {"frames": FRAMES, "batch_size": 2},
    }
    for changes in (sizes, groups):
        parts = {
            name: dataclasses.replace(getattr(small, name), **fields) for name, fields in changes.items()
        }
        small = dataclasses.replace(small, spec=SPEC, **parts)
    return small


def model(seed: int = 5, **groups: dict[str, Any]) -> CycleGAN:
    """A new model."""
    keras.utils.set_random_seed(seed)
    return CycleGAN(config(**groups))
