"""True peak (ITU-R BS.1770-4, annex 2): the largest absolute value at 4x oversampling.

A waveform is processed in steps of `STEP` samples. The interpolation of a step is one matrix product, the
same in NumPy and in the TensorFlow graph.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

STEP = 64
"""Length of a step in samples: 1.5 ms at 44.1 kHz."""

CONTEXT = 10
"""Context of a step's interpolated values, in samples on each side."""

CEILING = 10 ** (-1 / 20)
"""Largest true peak of a translated song, linear: -1 dBTP, as EBU R128 recommends."""

_OVERSAMPLING = 4


@functools.lru_cache
def interpolator() -> np.ndarray:
    """Interpolation matrix of a step, 4x oversampled: float32 [STEP + 2 * CONTEXT, 4 * STEP].

    A Kaiser-windowed low-pass filter with 20 taps per value; the standard's example has 12.
    """
    half = CONTEXT * _OVERSAMPLING
    taps = np.sinc(np.arange(-half, half + 1) / _OVERSAMPLING) * np.kaiser(2 * half + 1, 5.0)
    taps *= _OVERSAMPLING / taps.sum()
    position = _OVERSAMPLING * np.arange(STEP + 2 * CONTEXT)[:, None]
    place = np.arange(_OVERSAMPLING * STEP) - position + 2 * half
    inside = (place >= 0) & (place <= 2 * half)
    return np.where(inside, taps[np.clip(place, 0, 2 * half)], 0).astype(np.float32)


class PeakMeter:
    """Streaming meter of true peaks, one per step: the maximum over the channels."""

    def __init__(self, channels: int) -> None:
        """Creates a meter for one song.

        Args:
            channels: number of channels of the song.
        """
        self._held = np.zeros((CONTEXT, channels), np.float32)
        self._unfinished = 0

    def add(self, block: np.ndarray) -> np.ndarray:
        """Adds samples, float32 [samples, channels].

        Returns:
            float32: peaks of the steps that these samples complete.
        """
        self._held = np.concatenate([self._held, block])
        self._unfinished += len(block)
        steps = max(0, len(self._held) - 2 * CONTEXT) // STEP
        peaks = _peaks(self._held[: steps * STEP + 2 * CONTEXT], steps)
        self._held = self._held[steps * STEP :]
        self._unfinished -= steps * STEP
        return peaks

    def finish(self) -> np.ndarray:
        """Ends the song; returns the peaks of the remaining steps, the last padded with silence."""
        steps = -(-self._unfinished // STEP)
        missing = steps * STEP + 2 * CONTEXT - len(self._held)
        return _peaks(np.pad(self._held, ((0, max(missing, 0)), (0, 0))), steps)


def _peaks(samples: np.ndarray, steps: int) -> np.ndarray:
    """Peaks of steps, float32 [steps], from their samples and CONTEXT more on each side."""
    if not steps:
        return np.zeros(0, np.float32)
    width = STEP + 2 * CONTEXT
    frames: Any = np.lib.stride_tricks.sliding_window_view(samples, width, axis=0)[::STEP]
    # Contiguous, for one matrix product by BLAS; NumPy multiplies overlapping views of mono without it.
    values = np.ascontiguousarray(frames.reshape(-1, width)) @ interpolator()
    return np.maximum(values.max(axis=1), -values.min(axis=1)).reshape(steps, -1).max(axis=1)
