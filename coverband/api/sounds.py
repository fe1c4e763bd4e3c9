"""Sounds that the public API takes: files, and waveforms."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr

PathLike = str | os.PathLike[str]
Sound = PathLike | np.ndarray
"""File, or waveform [samples, channels]."""


def require_waveform(waveform: np.ndarray, sample_rate: int | None) -> int:
    """The sample rate of a waveform, after its shape and its sample rate were checked.

    Raises:
        ValueError: if its shape is not [samples, 1 or 2 channels], or the sample rate is missing.
    """
    if waveform.ndim != 2 or waveform.shape[1] not in (1, 2):
        raise ValueError(f"a waveform has the shape [samples, 1 or 2 channels], not {list(waveform.shape)}")
    if sample_rate is None:
        raise ValueError("a waveform needs its sample rate")
    return sample_rate


def resampled(waveform: np.ndarray, sample_rate: int, target_rate: int) -> np.ndarray:
    """Waveform at another sample rate, float [samples, channels]."""
    if sample_rate == target_rate or not len(waveform):
        return waveform
    changed: np.ndarray = soxr.resample(waveform, sample_rate, target_rate)
    return changed


@contextlib.contextmanager
def as_file(song: Sound, sample_rate: int | None) -> Iterator[Path]:
    """The file of a song; of a waveform, a temporary one in float32."""
    if not isinstance(song, np.ndarray):
        yield Path(song)
        return
    rate = require_waveform(song, sample_rate)
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "song.wav"
        soundfile.write(path, song, rate, subtype="FLOAT")
        yield path
