"""K-weighting (ITU-R BS.1770-4, annex 1): a high shelf for the head, and a high-pass.

The biquads are those of `pyloudnorm.Meter`, which designs them for any sample rate. They are applied by their
impulse response, which has ended after 0.1 s: a convolution by FFT, and the same in a graph. scipy.signal,
which has recursive filters, takes longer to import than a short song to measure.
"""

from __future__ import annotations

import functools
import math

import numpy as np
from scipy import fft

_RESPONSE_SECONDS = 0.1
"""Length of the response: the slower filter has a double pole at 38 Hz, and has decayed by 200 dB."""

_CHUNK_SECONDS = 0.7
"""Samples that are filtered at a time, so that the precision of float32 is that of the music around."""

_SHELF_HZ, _SHELF_DB, _SHELF_Q = 1500.0, 4.0, 1 / math.sqrt(2)
_HIGH_PASS_HZ, _HIGH_PASS_Q = 38.0, 0.5


class KWeighting:
    """K-weighting filter that continues from block to block."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        """Creates a filter at rest.

        Args:
            sample_rate: Hz.
            channels: 1 or 2, which BS.1770 weights equally.
        """
        self._rate = sample_rate
        self._past = np.zeros((channels, len(impulse_response(sample_rate)) - 1), np.float32)
        self._chunk = math.ceil(_CHUNK_SECONDS * sample_rate)

    def energies(self, block: np.ndarray) -> np.ndarray:
        """K-weighted energies of samples [samples, channels], summed over the channels, float32 [samples]."""
        before, count = self._past.shape[1], len(block)
        samples = np.concatenate([self._past, block.T], axis=1, dtype=np.float32)
        self._past = samples[:, count:].copy()  # a view would keep the block
        found = np.empty(count, np.float32)
        for first in range(0, count, self._chunk):
            chunk = samples[:, first : first + self._chunk + before]
            size = fft.next_fast_len(chunk.shape[1], real=True)
            spectra = fft.rfft(chunk, size) * _spectrum(self._rate, size)
            weighted = fft.irfft(spectra, size)[:, before : chunk.shape[1]]
            found[first : first + self._chunk] = np.square(weighted).sum(axis=0)
        return found


@functools.lru_cache
def impulse_response(sample_rate: int) -> np.ndarray:
    """Impulse response of the K-weighting filters, float64 [samples].

    Args:
        sample_rate: Hz.
    """
    stages = (_high_shelf(sample_rate), _high_pass(sample_rate))
    spectra = [np.fft.rfft(above, sample_rate) / np.fft.rfft(below, sample_rate) for above, below in stages]
    return np.fft.irfft(math.prod(spectra), sample_rate)[: round(_RESPONSE_SECONDS * sample_rate)]


@functools.lru_cache(maxsize=8)
def _spectrum(sample_rate: int, size: int) -> np.ndarray:
    """Frequency response, complex64 [size // 2 + 1]."""
    return fft.rfft(impulse_response(sample_rate).astype(np.float32), size)


def _high_shelf(sample_rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Numerator and denominator of a high shelf (R. Bristow-Johnson's Audio EQ Cookbook)."""
    gain, angle = 10 ** (_SHELF_DB / 40), 2 * math.pi * _SHELF_HZ / sample_rate
    cosine, slope = math.cos(angle), math.sqrt(gain) * math.sin(angle) / _SHELF_Q
    more, less = gain + 1, gain - 1
    above = gain * np.array(
        [more + less * cosine + slope, -2 * (less + more * cosine), more + less * cosine - slope]
    )
    below = np.array([more - less * cosine + slope, 2 * (less - more * cosine), more - less * cosine - slope])
    return above, below


def _high_pass(sample_rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Numerator and denominator of a high-pass (Audio EQ Cookbook)."""
    angle = 2 * math.pi * _HIGH_PASS_HZ / sample_rate
    cosine, alpha = math.cos(angle), math.sin(angle) / (2 * _HIGH_PASS_Q)
    return (1 + cosine) / 2 * np.array([1, -2, 1]), np.array([1 + alpha, -2 * cosine, 1 - alpha])
