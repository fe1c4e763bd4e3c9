"""Excerpts of the songs that the parts are measured on."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pipelines.audio import files
from tools.benchmarks.speed.setup import Setup

SECONDS = 60.0


def excerpt(setup: Setup, *, mono: bool = True) -> np.ndarray:
    """Concatenated songs, at most SECONDS long.

    Returns:
        float32 [samples, channels], one or two channels.
    """
    rate = setup.spec.sample_rate
    waveforms = [files.read(path, rate, mono=mono) for path in setup.songs]
    channels = max(waveform.shape[1] for waveform in waveforms)
    joined = np.concatenate([np.broadcast_to(waveform, (len(waveform), channels)) for waveform in waveforms])
    return np.ascontiguousarray(joined[: round(SECONDS * rate)])


def write_excerpt(setup: Setup, *, mono: bool) -> Path:
    """File with the excerpt, written once."""
    path = setup.scratch / f"{'mono' if mono else 'stereo'}.ogg"
    if not path.exists():
        samples = excerpt(setup, mono=mono)
        with files.AudioWriter(path, setup.spec.sample_rate, samples.shape[1]) as writer:
            writer.write(samples)
    return path
