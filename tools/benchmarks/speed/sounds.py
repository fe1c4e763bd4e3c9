"""The music that is computed with."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pipelines.audio import files
from tools.benchmarks.speed.setup import Setup

SECONDS = 60.0


def excerpt(setup: Setup, *, mono: bool = True) -> np.ndarray:
    """The songs one after the other, at most SECONDS of them.

    Returns:
        float32 [samples, channels], 1 or 2.
    """
    rate = setup.spec.sample_rate
    pieces = [files.read(path, rate, mono=mono) for path in setup.songs]
    channels = max(piece.shape[1] for piece in pieces)
    joined = np.concatenate([np.broadcast_to(piece, (len(piece), channels)) for piece in pieces])
    return np.ascontiguousarray(joined[: round(SECONDS * rate)])


def written(setup: Setup, *, mono: bool) -> Path:
    """The excerpt as a file."""
    path = setup.scratch / f"{'mono' if mono else 'stereo'}.ogg"
    if not path.exists():
        sound = excerpt(setup, mono=mono)
        with files.Writer(path, setup.spec.sample_rate, sound.shape[1]) as writer:
            writer.write(sound)
    return path
