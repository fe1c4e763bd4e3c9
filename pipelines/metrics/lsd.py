"""Log-spectral distance of two aligned recordings, in the two conventions of the literature."""

from __future__ import annotations

import librosa
import numpy as np

from pipelines.metrics.dynamic_range import limited
from pipelines.metrics.waveforms import resampled, unit_rms

SAMPLE_RATE, N_FFT, HOP_LENGTH, N_MELS = 16000, 2048, 512, 128
"""Mel spectra of Cifka et al. 2021, "Self-supervised VQ-VAE for one-shot music style transfer"."""
TOP_DB = 80.0
"""Dynamic range of a recording, dB: lower values are clipped to the maximum minus this range."""


def log_spectral_distance_over_frequency(
    reference: np.ndarray, estimate: np.ndarray, sample_rate: int, range_db: float | None = None
) -> float:
    """Textbook LSD: root mean square over the mel bands of a frame, then the mean over frames.

    Gray & Markel 1976, "Distance measures for speech processing", with mel bands for frequencies.

    Args:
        reference: float [samples], mono.
        estimate: float [samples]; the longer of the two is cut.
        sample_rate: of both, Hz.
        range_db: if given, only this range below the peak of each frame counts, see `limited`.

    Returns:
        Decibels; 0 for recordings that differ in level only.
    """
    return float(_rms(_difference(reference, estimate, sample_rate, range_db), axis=0).mean())


def log_spectral_distance_over_time(
    reference: np.ndarray, estimate: np.ndarray, sample_rate: int, range_db: float | None = None
) -> float:
    """LSD of Cifka et al. 2021: root mean square over the frames of a mel band, then the mean over bands.

    Args:
        reference: float [samples], mono.
        estimate: float [samples]; the longer of the two is cut.
        sample_rate: of both, Hz.
        range_db: if given, only this range below the peak of each frame counts, see `limited`.

    Returns:
        Decibels; 0 for recordings that differ in level only.
    """
    return float(_rms(_difference(reference, estimate, sample_rate, range_db), axis=1).mean())


def log_mel_db(waveform: np.ndarray, sample_rate: int) -> np.ndarray:
    """Mel power spectra of a recording at 16 kHz and root-mean-square 1.

    Args:
        waveform: float [samples], mono; padded with silence to at least one frame.
        sample_rate: Hz.

    Returns:
        Decibels, float32 [N_MELS, frames], none more than TOP_DB below the largest.
    """
    samples = unit_rms(resampled(waveform, sample_rate, SAMPLE_RATE))
    samples = np.pad(samples, (0, max(0, N_FFT - len(samples))))
    power = librosa.feature.melspectrogram(
        y=samples, sr=SAMPLE_RATE, n_fft=N_FFT, hop_length=HOP_LENGTH, n_mels=N_MELS
    )
    return librosa.power_to_db(power, top_db=TOP_DB)


def log_mel_pair(
    reference: np.ndarray, estimate: np.ndarray, sample_rate: int
) -> tuple[np.ndarray, np.ndarray]:
    """`log_mel_db` of two recordings, the longer one cut: two arrays of one shape."""
    length = min(len(reference), len(estimate))
    return log_mel_db(reference[:length], sample_rate), log_mel_db(estimate[:length], sample_rate)


def _difference(
    reference: np.ndarray, estimate: np.ndarray, sample_rate: int, range_db: float | None
) -> np.ndarray:
    """Difference of the log-mel spectra, dB, [bands, frames]."""
    one, other = log_mel_pair(reference, estimate, sample_rate)
    if range_db is not None:
        one, other = limited(one, other, range_db)
    return one - other


def _rms(values: np.ndarray, axis: int) -> np.ndarray:
    return np.sqrt(np.square(values, dtype=np.float64).mean(axis=axis))
