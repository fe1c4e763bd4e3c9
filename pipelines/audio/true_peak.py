"""True peak (ITU-R BS.1770-4, annex 2): the largest value between the samples, too, at 4x oversampling.

A waveform is cut into steps of `STEP` samples. Interpolating a step is one matrix product, the same in NumPy
and in the TensorFlow graph.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from scipy import signal

STEP = 64
"""Samples of a step: 1.5 ms at 44.1 kHz."""

CONTEXT = 10
"""Samples before and after a step on which its interpolated values depend."""

CEILING = 10 ** (-1 / 20)
"""Largest true peak of a cover: -1 dBTP, as EBU R128 recommends."""

_OVERSAMPLING = 4


@functools.lru_cache
def interpolator() -> np.ndarray:
    """Matrix from the samples around a step to its values at 4x: float32 [STEP + 2 * CONTEXT, 4 * STEP].

    A low-pass filter with a Kaiser window, of 20 taps for every value; the standard's example has 12.
    """
    half = CONTEXT * _OVERSAMPLING
    taps = _OVERSAMPLING * signal.firwin(2 * half + 1, 1 / _OVERSAMPLING, window=("kaiser", 5.0))
    given = _OVERSAMPLING * np.arange(STEP + 2 * CONTEXT)[:, None]
    place = np.arange(_OVERSAMPLING * STEP) - given + 2 * half
    inside = (place >= 0) & (place <= 2 * half)
    return np.where(inside, taps[np.clip(place, 0, 2 * half)], 0).astype(np.float32)


class PeakMeter:
    """True peaks of a song's steps; the song is fed block by block, and channels count together."""

    def __init__(self, channels: int) -> None:
        """Starts a measurement.

        Args:
            channels: of the song.
        """
        self._held = np.zeros((CONTEXT, channels), np.float32)
        self._unfinished = 0

    def add(self, block: np.ndarray) -> np.ndarray:
        """Takes samples, float32 [samples, channels].

        Returns:
            float32: one peak for every step that is known to its end by now and was not before.
        """
        self._held = np.concatenate([self._held, block])
        self._unfinished += len(block)
        steps = max(0, len(self._held) - 2 * CONTEXT) // STEP
        peaks = _peaks(self._held[: steps * STEP + 2 * CONTEXT], steps)
        self._held = self._held[steps * STEP :]
        self._unfinished -= steps * STEP
        return peaks

    def finish(self) -> np.ndarray:
        """The peaks of the steps that are left; the last one is filled up with silence."""
        steps = -(-self._unfinished // STEP)
        missing = steps * STEP + 2 * CONTEXT - len(self._held)
        return _peaks(np.pad(self._held, ((0, max(missing, 0)), (0, 0))), steps)


def _peaks(samples: np.ndarray, steps: int) -> np.ndarray:
    """Peaks of steps, float32 [steps], of the samples from CONTEXT before to CONTEXT after them."""
    if not steps:
        return np.zeros(0, np.float32)
    width = STEP + 2 * CONTEXT
    frames: Any = np.lib.stride_tricks.sliding_window_view(samples, width, axis=0)[::STEP]
    # Copied to rows, so that it is one matrix product and not one for every step; overlapping views of mono
    # would go without a copy, and without BLAS.
    values = np.ascontiguousarray(frames.reshape(-1, width)) @ interpolator()
    return np.maximum(values.max(axis=1), -values.min(axis=1)).reshape(steps, -1).max(axis=1)
