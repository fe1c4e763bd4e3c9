"""Stereo image of a recording on arrays, see `pipelines.audio.stereo_image` and `pipelines.audio.stereo`."""

from __future__ import annotations

import numpy as np

from pipelines.audio.stereo_image import (
    MAX_GAIN,
    MIN_SHARE,
    PANNING_REACH,
    SILENCE,
    SMOOTHED_BINS,
    WIDTH_HOPS,
)


def energy(spectra: np.ndarray) -> np.ndarray:
    """Squared magnitudes of spectra, float32 of the same shape."""
    return np.square(spectra.real) + np.square(spectra.imag)


def mono_magnitude(spectra: np.ndarray) -> np.ndarray:
    """Root-mean-square magnitude [frames, bins] of spectra [channels, frames, bins]."""
    return np.sqrt(energy(spectra).mean(axis=0))


def panning(spectra: np.ndarray) -> np.ndarray:
    """Gains from a mono magnitude to the channels of a source's stereo image.

    Args:
        spectra: complex64 [channels, frames, bins] STFT of the source.

    Returns:
        float32 [channels, frames, bins]; [1, 1, 1] for mono, whose gains are all 1.
    """
    if len(spectra) == 1:
        return np.ones((1, 1, 1), np.float32)
    smoothed = _moving_average(_moving_average(energy(spectra), SMOOTHED_BINS // 2, 2), PANNING_REACH, 1)
    smoothed += np.float32(SILENCE)
    return np.sqrt(smoothed / smoothed.mean(axis=0))


def match_stereo_width(source: np.ndarray, translated: np.ndarray, hop: int) -> np.ndarray:
    """Scales the side channels of a translated waveform to the source's ratio of side to mid energy.

    Args:
        source: float32 [channels, samples].
        translated: of the same shape.
        hop: samples over which energies are summed.

    Returns:
        float32 [channels, samples]; mono unchanged.
    """
    if len(translated) == 1:
        return translated
    ratio = _side_to_mid(source, hop) / _side_to_mid(translated, hop)
    gains = np.clip(np.sqrt(ratio), 1 / MAX_GAIN, MAX_GAIN)
    mid = translated.mean(axis=0)
    return mid + (translated - mid) * _interpolated(gains, hop)[: translated.shape[1]]


def _side_to_mid(waveform: np.ndarray, hop: int) -> np.ndarray:
    """Ratio of side to mid energy around every hop, float32 [hops]."""
    channels, samples = waveform.shape
    missing = max(-samples % hop, hop - samples)
    hops = np.pad(waveform, ((0, 0), (0, missing))).reshape(channels, -1, hop)
    mid = hops.mean(axis=0)
    energies = np.stack([np.square(hops - mid).sum(axis=(0, 2)), channels * np.square(mid).sum(axis=1)])
    side, middle = _moving_average(energies, WIDTH_HOPS, 1)
    minimum = np.float32(MIN_SHARE) * (side + middle) + np.float32(SILENCE)
    return (side + minimum) / (middle + minimum)


def _interpolated(gains: np.ndarray, hop: int) -> np.ndarray:
    """Gains of samples, linear between the edges of hops with the mean of both hops: float32 [hops * hop]."""
    around = np.concatenate([gains[:1], gains, gains[-1:]])
    edges = ((around[:-1] + around[1:]) / 2)[:, None]
    share = np.arange(hop, dtype=np.float32) / np.float32(hop)
    return (edges[:-1] + (edges[1:] - edges[:-1]) * share).reshape(-1)


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
