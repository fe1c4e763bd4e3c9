"""Window of the STFT."""

from __future__ import annotations

import functools

import numpy as np

from pipelines.audio.spec import AudioSpec

MIN_ENERGY = 1e-8
"""Lower bound of the overlap-added energy of windows, by which an inverse STFT is divided."""


@functools.lru_cache
def window(spec: AudioSpec) -> np.ndarray:
    """Periodic Hann window, float32 [n_fft].

    A NumPy constant: a cached tensor would belong to the graph that created it.
    """
    phase = 2 * np.pi * np.arange(spec.n_fft) / spec.n_fft
    return (0.5 - 0.5 * np.cos(phase)).astype(np.float32)
