"""The real tiny preset, shrunk, over a transcriber that was never trained."""

from __future__ import annotations

from typing import Any

import keras

from tests.shrinking import shrunk
from tests.transcriber.content_decoder import tiny
from vaegan.disentangled.config import Config, disentangled_tiny
from vaegan.disentangled.model import Disentangled

SPEC = tiny.SPEC
FRAMES = 32


def config(**groups: dict[str, Any]) -> Config:
    """The preset in small; `loss={"style": 0.0}` changes fields of a group."""
    sizes: dict[str, dict[str, Any]] = {
        "style": {"width": 8, "blocks": 1, "size": 3, "time_stride": 8},
        "codes": {"width": 8, "blocks": 1, "size": 6},
        "decoder": {"width": 16, "blocks": 1},
        "discriminator": {"channels": 4, "depth": 1, "scales": 1},
        "data": {"frames": FRAMES, "batch_size": 2},
    }
    return shrunk(disentangled_tiny(), SPEC, sizes, groups)


def model(seed: int = 5, **groups: dict[str, Any]) -> Disentangled:
    """A new model."""
    transcriber = tiny.transcriber()
    keras.utils.set_random_seed(seed)
    built = Disentangled(config(**groups), transcriber)
    built.compile()
    return built
