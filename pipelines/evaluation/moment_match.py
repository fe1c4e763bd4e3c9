"""Moment match, a baseline: equalises a song over time to the mean and deviation of the band per mel band.

It keeps every note and stroke, and reaches the band's long-term spectrum and dynamics: models have to exceed
that.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from pipelines.audio.mel import magnitude_to_mel, mel_matrix
from pipelines.audio.spec import AudioSpec
from pipelines.audio.stft import istft, stft

_LEAST_DEVIATION = 1.0
"""Smallest deviation that a band of the source is divided by, dB: keeps silence from being amplified."""
_MOST_GAIN = 40.0
"""Largest gain and attenuation, dB."""


class Moments(NamedTuple):
    """Mean and standard deviation of the log-mel in every band over all frames, dB, float64 [n_mels] each."""

    mean: np.ndarray
    deviation: np.ndarray


def band_moments(spec: AudioSpec, waveforms: Iterable[np.ndarray]) -> Moments:
    """Moments of recordings; every frame has the same weight, whichever recording it is from.

    Args:
        spec: gives frames and mel bands.
        waveforms: float32 [samples] each, mono, at one loudness.
    """
    total, squares, frames = np.zeros(spec.n_mels), np.zeros(spec.n_mels), 0
    for waveform in waveforms:
        levels = _decibels(spec, stft(spec, tf.constant(waveform)))
        total += levels.sum(axis=0)
        squares += np.square(levels).sum(axis=0)
        frames += len(levels)
    mean = total / max(frames, 1)
    return Moments(mean, np.sqrt(np.maximum(squares / max(frames, 1) - mean**2, 0)))


def moment_match(spec: AudioSpec, waveform: np.ndarray, target: Moments) -> np.ndarray:
    """Changes the level of every mel band over time so that its moments are the band's; the phase stays.

    A level x of a band becomes (x - source mean) / source deviation * target deviation + target mean. The
    gain of an STFT bin is the mean of those of its mel bands, weighted by their filters.

    Args:
        spec: gives frames and mel bands.
        waveform: float32 [samples], mono, at the loudness at which `target` was measured.
        target: the band's `band_moments`.

    Returns:
        float32 [samples].
    """
    spectra = stft(spec, tf.constant(waveform))
    levels = _decibels(spec, spectra)
    mean, deviation = levels.mean(axis=0), np.maximum(levels.std(axis=0), _LEAST_DEVIATION)
    matched = (levels - mean) / deviation * target.deviation + target.mean
    gains = _bin_gains(spec, np.clip(matched - levels, -_MOST_GAIN, _MOST_GAIN))
    return istft(spec, spectra * tf.cast(gains, tf.complex64), len(waveform)).numpy()


def _decibels(spec: AudioSpec, spectra: tf.Tensor) -> np.ndarray:
    """Log-mel of spectra [frames, bins] above the magnitude 1, dB, float64 [frames, n_mels]."""
    mel = magnitude_to_mel(spec, tf.abs(spectra)).numpy().astype(np.float64)
    return 20 * np.log10(np.maximum(mel, spec.floor))


def _bin_gains(spec: AudioSpec, gains: np.ndarray) -> np.ndarray:
    """Linear gains of the STFT bins, float32 [frames, bins], of gains of the bands, dB, [frames, n_mels].

    Bins outside all bands have the gain of the nearest bin inside.
    """
    matrix = mel_matrix(spec).astype(np.float64)
    weight = matrix.sum(axis=1)
    inside = np.flatnonzero(weight)
    of_inside = gains @ (matrix[inside] / weight[inside, None]).T
    nearest = np.abs(np.arange(spec.n_bins)[:, None] - inside).argmin(axis=1)
    return (10 ** (of_inside[:, nearest] / 20)).astype(np.float32)
