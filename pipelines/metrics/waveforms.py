"""Sample rate and level of mono waveforms, normalised for metrics."""

from __future__ import annotations

import numpy as np
import soxr


def resampled(waveform: np.ndarray, sample_rate: int, target_rate: int) -> np.ndarray:
    """Resamples a waveform.

    Args:
        waveform: float [samples].
        sample_rate: of the waveform, Hz.
        target_rate: of the result, Hz.

    Returns:
        float32 [samples].
    """
    waveform = np.asarray(waveform, np.float32)
    unchanged = sample_rate == target_rate or not len(waveform)
    return waveform if unchanged else soxr.resample(waveform, sample_rate, target_rate)


def unit_rms(waveform: np.ndarray) -> np.ndarray:
    """Scales a waveform to root-mean-square 1, so that metrics ignore the level; silence is unchanged."""
    level = rms(waveform)
    return waveform / np.float32(level) if level > 0 else waveform


def rms(samples: np.ndarray) -> float:
    """Root mean square; 0 for no samples."""
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) if len(samples) else 0.0


def repeated(waveform: np.ndarray, min_samples: int) -> np.ndarray:
    """Repeats a waveform until it has at least `min_samples` samples."""
    return np.resize(waveform, max(min_samples, len(waveform)))
