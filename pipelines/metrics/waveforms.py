"""Mono waveforms at one rate and one level, as the metrics hear them."""

from __future__ import annotations

import numpy as np
import soxr


def resampled(waveform: np.ndarray, sample_rate: int, wanted: int) -> np.ndarray:
    """A waveform at another rate.

    Args:
        waveform: float [samples].
        sample_rate: its own, Hz.
        wanted: the rate of the result, Hz.

    Returns:
        float32 [samples].
    """
    waveform = np.asarray(waveform, np.float32)
    same = sample_rate == wanted or not len(waveform)
    return waveform if same else soxr.resample(waveform, sample_rate, wanted)


def unit_rms(waveform: np.ndarray) -> np.ndarray:
    """A waveform at root-mean-square 1, so that no level is left to compare; silence stays as it is."""
    level = rms(waveform)
    return waveform / np.float32(level) if level > 0 else waveform


def rms(samples: np.ndarray) -> float:
    """Root-mean-square; 0 for no samples."""
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) if len(samples) else 0.0


def repeated(waveform: np.ndarray, least: int) -> np.ndarray:
    """A waveform of at least so many samples: what is shorter is played again and again."""
    return np.resize(waveform, max(least, len(waveform)))
