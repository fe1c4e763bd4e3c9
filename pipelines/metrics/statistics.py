"""Style statistics: spectral descriptors of every second of a recording, without trained weights.

They are means and deviations over a second of descriptors of the spectrum's shape. They hardly depend on keys
or melodies, and not on the level.
"""

from __future__ import annotations

import librosa
import numpy as np

from pipelines.metrics.waveforms import repeated, resampled, rms, unit_rms

SAMPLE_RATE = 22050
"""Common sample rate, at which recordings of all rates are comparable."""

_N_FFT, _HOP_LENGTH, _N_MELS = 2048, 512, 64
_QUIET = 1e-3
"""Level relative to the whole recording (-60 dB) below which a second is silent and left out."""
_FLOOR = 1e-4
"""Magnitude floor relative to the strongest bin (-80 dB), above coding noise and rounding errors."""

NAMES = (
    *(f"MFCC {index} mean" for index in range(2, 15)),
    *(f"MFCC {index} deviation" for index in range(2, 15)),
    *(f"spectral contrast {index}" for index in range(7)),
    "log centroid mean",
    "log centroid deviation",
    "log bandwidth",
    "log roll-off",
    "log flatness",
    "flux mean",
    "flux deviation",
)
"""Names of the columns of `style_statistics`."""


def style_statistics(waveform: np.ndarray, sample_rate: int) -> np.ndarray:
    """Statistics of timbre and production for every second that is not silent.

    Mean and deviation of MFCC 2-14; spectral contrast (Jiang et al. 2002); centroid, bandwidth and 85 %
    roll-off in octaves, flatness and flux (positive differences of the mel spectrum) in decibels.

    Args:
        waveform: float [samples], mono.
        sample_rate: Hz.

    Returns:
        float64 [seconds, len(NAMES)]; no rows for silence. A remainder of half a second or more at the end
        counts as a second, and so does a recording that is shorter than one.
    """
    waveform = repeated(unit_rms(resampled(waveform, sample_rate, SAMPLE_RATE)), min_samples=_N_FFT)
    seconds = np.array_split(waveform, max(1, round(len(waveform) / SAMPLE_RATE)))
    frames = _frames(waveform)
    parts = np.array_split(frames, len(seconds), axis=1)
    audible = [part for part, samples in zip(parts, seconds, strict=True) if rms(samples) > _QUIET]
    return np.array([_summary(part) for part in audible]).reshape(-1, len(NAMES))


def standardise(values: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Standardises columns by the mean and standard deviation of a reference.

    The statistics have different units, so distances between sets are computed on standardised ones.

    Args:
        values: float [n, d].
        reference: float [m, d].

    Returns:
        float64 [n, d]; a column that is constant in the reference is only centred.
    """
    deviation = reference.std(axis=0)
    return (values - reference.mean(axis=0)) / np.where(deviation > 0, deviation, 1.0)


def _frames(waveform: np.ndarray) -> np.ndarray:
    """Features of every frame, [25, frames]: 13 MFCC, 7 contrasts, centroid to flatness (4) and flux."""
    magnitude = np.abs(librosa.stft(waveform, n_fft=_N_FFT, hop_length=_HOP_LENGTH))
    floored = np.maximum(magnitude, max(_FLOOR * magnitude.max(), 1e-10))
    mel = librosa.power_to_db(librosa.feature.melspectrogram(S=magnitude**2, sr=SAMPLE_RATE, n_mels=_N_MELS))
    flux = np.maximum(np.diff(mel, axis=1, prepend=mel[:, :1]), 0).mean(axis=0, keepdims=True)
    shape = [
        _octaves(librosa.feature.spectral_centroid(S=magnitude, sr=SAMPLE_RATE)),
        _octaves(librosa.feature.spectral_bandwidth(S=magnitude, sr=SAMPLE_RATE)),
        _octaves(librosa.feature.spectral_rolloff(S=magnitude, sr=SAMPLE_RATE)),
        10 * np.log10(librosa.feature.spectral_flatness(S=floored)),
    ]
    mfcc = librosa.feature.mfcc(S=mel, n_mfcc=14)[1:]
    contrast = librosa.feature.spectral_contrast(S=floored, sr=SAMPLE_RATE)
    return np.concatenate([mfcc, contrast, *shape, flux])


def _octaves(frequencies: np.ndarray) -> np.ndarray:
    """Octaves above 1 Hz; frequencies of silent frames, which are 0, become 1 Hz."""
    return np.log2(np.maximum(frequencies, 1))


def _summary(frames: np.ndarray) -> np.ndarray:
    """Row of a second, in the order of NAMES."""
    mean, deviation = frames.mean(axis=1), frames.std(axis=1)
    centroid, flux = 20, 24
    return np.concatenate(
        [
            mean[:13],
            deviation[:13],
            mean[13:centroid],
            [mean[centroid], deviation[centroid]],
            mean[centroid + 1 : flux],
            [mean[flux], deviation[flux]],
        ]
    )
