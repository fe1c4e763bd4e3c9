"""The real tiny preset, shrunk."""

from __future__ import annotations

from typing import Any

import keras

from tests.shrinking import shrunk
from tests.vaegan.tiny import SPEC
from vaegan.shared_latent.config import Config, shared_latent_tiny
from vaegan.shared_latent.model import SharedLatent

FRAMES = 32


def config(**groups: dict[str, Any]) -> Config:
    """The preset in small; `loss={"kl": 0.0}` changes fields of a group."""
    sizes: dict[str, dict[str, Any]] = {
        "encoder": {"width": 8, "blocks": 1, "latent": 3},
        "decoder": {"width": 16, "blocks": 1, "refiner": 4},
        "discriminator": {"channels": 4, "depth": 1, "scales": 2},
        "data": {"frames": FRAMES, "batch_size": 2},
    }
    return shrunk(shared_latent_tiny(), SPEC, sizes, groups)


def model(seed: int = 5, **groups: dict[str, Any]) -> SharedLatent:
    """A new model."""
    keras.utils.set_random_seed(seed)
    built = SharedLatent(config(**groups))
    built.compile()
    return built
