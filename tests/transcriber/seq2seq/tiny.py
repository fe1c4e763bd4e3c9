"""The preset, shrunk, over a transcriber that was never trained."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras

from tests.shrinking import shrunk
from tests.transcriber.content_decoder import tiny
from transcriber.seq2seq.config import Config, seq2seq_tiny
from transcriber.seq2seq.model import Seq2Seq

SPEC = tiny.SPEC
FRAMES, PATCH = 16, 4


def config(**groups: dict[str, Any]) -> Config:
    """The preset in small; `past={"drop": 0.0}` changes fields of a group."""
    sizes: dict[str, dict[str, Any]] = {
        "network": {"width": 16, "encoder_blocks": 1, "decoder_blocks": 2, "heads": 2, "reach": 3},
        "data": {"frames": FRAMES, "batch_size": 2},
    }
    sizes["network"] |= {"patch": PATCH, "warm_up": 1}
    return dataclasses.replace(shrunk(seq2seq_tiny(), SPEC, sizes, groups), warm_up=1)


def model(seed: int = 5, **groups: dict[str, Any]) -> Seq2Seq:
    """A new model."""
    transcriber = tiny.transcriber()
    keras.utils.set_random_seed(seed)
    built = Seq2Seq(config(**groups), transcriber)
    built.compile()
    return built
