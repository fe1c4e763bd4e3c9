"""The real tiny preset, shrunk, with a transcriber that was never trained."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from styletransfer.feedforward import networks
from styletransfer.feedforward.config import Config, styletransfer_tiny
from styletransfer.feedforward.model import FeedForward
from tests.contracts import batch_of
from tests.shrinking import shrunk
from tests.transcriber.content_decoder import tiny

SPEC = tiny.SPEC
FRAMES = 32


def config(**groups: dict[str, Any]) -> Config:
    """The preset in small; `loss={"style": 0.0}` changes fields of a group."""
    sizes: dict[str, dict[str, Any]] = {
        "generator": {"channels": 4, "width": 16, "blocks": 1},
        "perceptual": {"filters": 6, "widths": (1, 3), "groups": 4},
        "data": {"frames": FRAMES, "batch_size": 2},
    }
    return shrunk(styletransfer_tiny(), SPEC, sizes, groups)


def crops() -> dict[str, np.ndarray]:
    """Clips of both domains."""
    batches = [batch_of(SPEC, FRAMES, 1000 + step) for step in range(4)]
    return {domain: np.concatenate([batch[domain] for batch in batches]) for domain in ("content", "band")}


def bank(**groups: dict[str, Any]) -> keras.Model:
    """Random filters."""
    return networks.build_bank(config(**groups).perceptual, SPEC, crops()["band"])


def model(seed: int = 5, **groups: dict[str, Any]) -> FeedForward:
    """A new model: content features of the transcriber, style features by random filters."""
    content, clips = networks.content_of_transcriber(tiny.transcriber().network), crops()
    keras.utils.set_random_seed(seed)
    style = networks.standardised(bank(**groups), clips["band"])
    built = FeedForward(config(**groups), content, style)
    built.set_statistics(clips)
    built.compile()
    return built
