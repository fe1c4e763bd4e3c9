"""The real tiny preset, shrunk, over a transcriber that was never trained."""

from __future__ import annotations

from typing import Any

import keras

from tests.shrinking import shrunk
from tests.transcriber.content_decoder import tiny
from vaegan.config import Config, vaegan_tiny
from vaegan.model import VAEGAN

SPEC = tiny.SPEC
FRAMES = 32
DYNAMICS: dict[str, dict[str, Any]] = {
    "decoder": {"levels": True, "details": True},
    "loss": {"levels": 0.4},
}
"""What `vaegan_dynamics` changes."""


def config(**groups: dict[str, Any]) -> Config:
    """The preset in small; `loss={"kl": 0.0}` changes fields of a group."""
    sizes: dict[str, dict[str, Any]] = {
        "encoder": {"width": 8, "blocks": 1, "latent": 3, "time_stride": 8},
        "decoder": {"width": 16, "blocks": 1, "noise": 4, "refiner": 4},
        "discriminator": {"channels": 4, "depth": 1, "scales": 2},
        "data": {"frames": FRAMES, "batch_size": 2},
    }
    return shrunk(vaegan_tiny(), SPEC, sizes, groups)


def model(seed: int = 5, **groups: dict[str, Any]) -> VAEGAN:
    """A new model."""
    transcriber = tiny.undecided_transcriber()
    keras.utils.set_random_seed(seed)
    built = VAEGAN(config(**groups), transcriber)
    built.compile()
    return built
