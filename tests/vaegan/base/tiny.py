"""The base's preset, shrunk, and recordings whose numbers tell where they are from."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from tests.shrinking import shrunk
from tests.transcriber.content_decoder import tiny
from transcriber.content import NOTE_LOGITS
from vaegan.base.config import Config, base_tiny
from vaegan.base.model import Base
from vaegan.base.recordings import TranscribedRecording

SPEC = tiny.SPEC
FRAMES, STYLE_FRAMES = 32, 48
SIZES: dict[str, dict[str, Any]] = {
    "encoder": {"width": 8, "blocks": 1, "latent": 3, "time_stride": 8},
    "decoder": {"width": 16, "blocks": 1, "noise": 4, "refiner": 4},
    "discriminator": {"channels": 4, "depth": 1, "scales": 2},
    "data": {"frames": FRAMES, "batch_size": 2},
}


def config(**groups: dict[str, Any]) -> Config:
    """The preset in small; `loss={"kl": 0.0}` changes fields of a group."""
    small = shrunk(base_tiny(), SPEC, SIZES, groups)
    return Config(**{**vars(small), "style_frames": STYLE_FRAMES})


def model(seed: int = 5, **groups: dict[str, Any]) -> Base:
    """A new model."""
    transcriber = tiny.undecided_transcriber()
    keras.utils.set_random_seed(seed)
    built = Base.from_recordings(config(**groups), transcriber, recordings())
    built.compile()
    return built


def recording(excerpt: str, ensemble: int, frames: int = 200) -> TranscribedRecording:
    """Recording of moving notes; the same notes for all ensembles of an excerpt, each with its own timbre."""
    notes = np.random.default_rng(len(excerpt)).integers(2, SPEC.n_mels - 2, frames // 8 + 1)
    centre = np.repeat(notes, 8)[:frames, None]
    mel = np.arange(SPEC.n_mels)[None]
    log_mel = -0.8 + np.exp(-((mel - centre) ** 2) / (2.0 + 4.0 * ensemble)) * (1.0 - 0.1 * ensemble)
    return transcribed(excerpt, log_mel)


def transcribed(excerpt: str, log_mel: np.ndarray) -> TranscribedRecording:
    """Recording with its measurements, by NumPy alone."""
    level = log_mel.mean(axis=1)
    return TranscribedRecording(
        excerpt,
        log_mel.astype(np.float16),
        np.zeros((len(log_mel), NOTE_LOGITS), np.float16),
        np.stack([log_mel.mean(axis=0), np.maximum(log_mel.std(axis=0), 0.02)]).astype(np.float32),
        (float(level.mean()), max(float(level.std()), 0.01)),
    )


def recordings() -> list[TranscribedRecording]:
    """Two excerpts by two ensembles each, and one that has no twin."""
    twins = [recording(excerpt, ensemble) for excerpt in ("one", "another") for ensemble in (0, 1)]
    return [*twins, recording("alone", 0)]
