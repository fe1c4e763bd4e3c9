"""Levels of the mel bands of recordings; gains of mel bands as gains of STFT bins."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import numpy as np
import tensorflow as tf

from pipelines.audio.mel import magnitude_to_mel
from pipelines.audio.mel_filters import mel_matrix
from pipelines.audio.spec import AudioSpec
from pipelines.audio.stft import stft


@dataclasses.dataclass(frozen=True)
class MelLevels:
    """Levels over all frames of recordings, decibels above the magnitude 1, float64 [n_mels] each.

    Attributes:
        spectrum: long-term average spectrum, the root mean square of the magnitudes; at least spec.floor.
        mean: mean of the decibels.
        deviation: standard deviation of the decibels.
    """

    spectrum: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray


def measure_levels(spec: AudioSpec, waveforms: Iterable[np.ndarray]) -> MelLevels:
    """Levels of recordings, in one pass; every frame has the same weight, whichever recording it is from.

    Args:
        spec: gives frames and mel bands.
        waveforms: float32 [samples] each, mono, at one loudness.
    """
    energy, total, squares, frames = np.zeros(spec.n_mels), np.zeros(spec.n_mels), np.zeros(spec.n_mels), 0
    for waveform in waveforms:
        mel = mel_magnitudes(spec, stft(spec, tf.constant(waveform)))
        levels = decibels(spec, mel)
        energy += np.square(mel).sum(axis=0)
        total += levels.sum(axis=0)
        squares += np.square(levels).sum(axis=0)
        frames += len(mel)
    count = max(frames, 1)
    spectrum = 10 * np.log10(np.maximum(energy / count, spec.floor**2))
    mean = total / count
    return MelLevels(spectrum, mean, np.sqrt(np.maximum(squares / count - mean**2, 0)))


def mel_magnitudes(spec: AudioSpec, spectra: tf.Tensor) -> np.ndarray:
    """Mel magnitudes, float64 [frames, n_mels], of spectra, complex64 [frames, bins]."""
    return magnitude_to_mel(spec, tf.abs(spectra)).numpy().astype(np.float64)


def decibels(spec: AudioSpec, mel: np.ndarray) -> np.ndarray:
    """Decibels of mel magnitudes above the magnitude 1, at least those of spec.floor."""
    return 20 * np.log10(np.maximum(mel, spec.floor))


def bin_gains(spec: AudioSpec, gains: np.ndarray) -> np.ndarray:
    """Gains of the STFT bins for gains of the mel bands.

    A bin's gain in decibels is the mean of those of the mel bands that it belongs to, weighted by their
    filters. Bins outside all bands get their neighbour's gain.

    Args:
        spec: gives bins and mel bands.
        gains: decibels, float64 [..., n_mels].

    Returns:
        Linear gains, float32 [..., bins].
    """
    matrix = mel_matrix(spec).astype(np.float64)
    weight = matrix.sum(axis=1)
    inside = np.flatnonzero(weight)
    shares = matrix[inside] / weight[inside, None]
    bins = np.arange(spec.n_bins)
    interpolated = np.stack([np.interp(bins, inside, shares[:, band]) for band in range(spec.n_mels)])
    return (10 ** (gains @ interpolated / 20)).astype(np.float32)
