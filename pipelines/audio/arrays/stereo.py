"""Stereo image of a recording on arrays, see `pipelines.audio.stereo_image` and `pipelines.audio.stereo`."""

from __future__ import annotations

import numpy as np

from pipelines.audio.stereo_image import PANNING_REACH, SILENCE, SMOOTHED_BINS


def energy(spectra: np.ndarray) -> np.ndarray:
    """Squared magnitudes of spectra, float32 of the same shape."""
    return np.square(spectra.real) + np.square(spectra.imag)


def mono_magnitude(spectra: np.ndarray) -> np.ndarray:
    """Root-mean-square magnitude [frames, bins] of spectra [channels, frames, bins]."""
    return np.sqrt(energy(spectra).mean(axis=0))


def panning(energies: np.ndarray) -> np.ndarray:
    """Gains from a mono magnitude to the channels of a source's stereo image.

    Args:
        energies: float32 [channels, frames, bins] of the source, see `energy`.

    Returns:
        float32 [channels, frames, bins]; [1, 1, 1] for mono, whose gains are all 1.
    """
    if len(energies) == 1:
        return np.ones((1, 1, 1), np.float32)
    smoothed = _moving_average(_moving_average(energies, SMOOTHED_BINS // 2, 2), PANNING_REACH, 1)
    smoothed += np.float32(SILENCE)
    return np.sqrt(smoothed / smoothed.mean(axis=0))


def _moving_average(values: np.ndarray, reach: int, axis: int) -> np.ndarray:
    """Moving average over an axis, `reach` values on each side, at the ends over those that exist."""
    moved = np.moveaxis(values, axis, 0)
    total, count = values.copy(), np.arange(len(moved))
    sums = np.moveaxis(total, axis, 0)
    for shift in range(1, reach + 1):
        sums[shift:] += moved[:-shift]
        sums[:-shift] += moved[shift:]
    counts = np.minimum(count, reach) + np.minimum(count[::-1], reach) + 1
    sums /= counts.astype(np.float32).reshape(-1, *[1] * (values.ndim - 1))
    return total
