"""The preset, shrunk, over a transcriber that was never trained."""

from __future__ import annotations

from typing import Any

import keras

from tests.shrinking import shrunk
from tests.transcriber.content_decoder import tiny
from transcriber.flow_decoder.config import Config, flow_decoder_tiny
from transcriber.flow_decoder.model import FlowDecoder

SPEC = tiny.SPEC
FRAMES = 32


def config(**groups: dict[str, Any]) -> Config:
    """The preset in small; `loss={"contrast": 0.0}` changes fields of a group."""
    sizes: dict[str, dict[str, Any]] = {
        "network": {"width": 16, "blocks": 1, "channels": 4, "layers": 2, "steps": 2},
        "data": {"frames": FRAMES, "batch_size": 2},
    }
    return shrunk(flow_decoder_tiny(), SPEC, sizes, groups)


def model(seed: int = 5, **groups: dict[str, Any]) -> FlowDecoder:
    """A new model."""
    transcriber = tiny.undecided_transcriber()
    keras.utils.set_random_seed(seed)
    built = FlowDecoder(config(**groups), transcriber)
    built.compile()
    return built
