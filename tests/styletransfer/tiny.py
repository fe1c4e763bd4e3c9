"""A small spec, small settings, and clips of the demo's songs."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path

import numpy as np
import tensorflow as tf

from pipelines.audio import files
from pipelines.audio.spec import AudioSpec
from pipelines.audio.stft import stft
from styletransfer.config import Config, FeatureConfig

SONGS = Path(__file__).parents[2] / "tools" / "demo_songs"
CONTENT = SONGS / "content" / "bwv314-vibraphone.ogg"
STYLE = SONGS / "band" / "bwv257-band.ogg"

SPEC = AudioSpec(sample_rate=8000, n_fft=256, hop_length=64, n_mels=32, fmax=4000.0)
CONFIG = Config(
    iterations=8,
    spec=SPEC,
    features=FeatureConfig(filters=64, widths=(11,), rank=96),
    window_seconds=1.0,
    overlap_seconds=0.2,
    style_seconds=2.0,
    inversion=2,
)


def config(**changes) -> Config:
    """The small settings, with changes."""
    return dataclasses.replace(CONFIG, **changes)


@functools.lru_cache
def clip(path: Path, seconds: float) -> np.ndarray:
    """From the second second of a song on, float32 [samples, 2]."""
    return files.read(path, SPEC.sample_rate)[SPEC.sample_rate :][: round(seconds * SPEC.sample_rate)]


def magnitude(path: Path, seconds: float) -> np.ndarray:
    """Of such a clip's mono mix, float32 [frames, bins]."""
    return tf.abs(stft(SPEC, tf.constant(clip(path, seconds).mean(axis=1)))).numpy()
