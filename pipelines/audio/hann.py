"""Hann windows."""

from __future__ import annotations

import functools

import numpy as np

from pipelines.audio.spec import AudioSpec

MIN_ENERGY = 1e-8
"""Lower bound of the overlap-added energy of windows, by which an inverse STFT is divided."""


def window(spec: AudioSpec) -> np.ndarray:
    """Window of an STFT, float32 [n_fft]; see `hann`."""
    return hann(spec.n_fft)


@functools.lru_cache
def hann(size: int) -> np.ndarray:
    """Periodic Hann window, float32 [size].

    A NumPy constant: a cached tensor would belong to the graph that created it. scipy.signal has it, too, and
    takes half a second to import.
    """
    phase = 2 * np.pi * np.arange(size) / size
    return (0.5 - 0.5 * np.cos(phase)).astype(np.float32)
