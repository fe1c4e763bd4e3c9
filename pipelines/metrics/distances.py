"""Distances between two aligned recordings: spectra at several resolutions, log-mel and chroma."""

from __future__ import annotations

import librosa
import numpy as np
import soxr
from scipy import signal

from pipelines.audio.spec import AudioSpec

_RESOLUTIONS = ((1024, 120, 600), (2048, 240, 1200), (512, 50, 240))
"""FFT, hop and window lengths in samples (Yamamoto, Song & Kim 2020, Parallel WaveGAN, table 1)."""
_QUIET = 1e-7**0.5
"""Magnitude floor of that paper's code, which is inaudible."""

_CHROMA_RATE = 22050
"""Sample rate of chroma: frequencies above 11 kHz do not help, and half the rate takes half the time."""
CHROMA_FRAME_RATE = _CHROMA_RATE / 512
"""Frames of chroma a second."""
_CHROMA_SECONDS = 3
"""Length of the lowest constant-Q filters; shorter recordings are padded with silence."""


def spectral_convergence(reference: np.ndarray, estimate: np.ndarray) -> float:
    """Distance of two magnitude spectrograms relative to the first: || |a| - |b| || / || a ||.

    Args:
        reference: magnitudes or complex spectra, any shape.
        estimate: of the same shape.

    Returns:
        0 for equal magnitudes; 1 for a silent estimate.
    """
    reference, estimate = np.abs(reference), np.abs(estimate)
    return float(np.linalg.norm(reference - estimate) / max(float(np.linalg.norm(reference)), _QUIET))


def multi_stft_distance(reference: np.ndarray, estimate: np.ndarray) -> float:
    """Multi-resolution STFT distance (M-STFT): Yamamoto, Song & Kim 2020, Parallel WaveGAN, equation 6.

    Spectral convergence plus the mean absolute difference of log magnitudes, averaged over three resolutions.

    Args:
        reference: float [samples].
        estimate: float [samples]; the longer of the two is cut.

    Returns:
        0 for equal magnitudes at all resolutions.
    """
    length = min(len(reference), len(estimate))
    pairs = (
        (_magnitudes(reference[:length], *sizes), _magnitudes(estimate[:length], *sizes))
        for sizes in _RESOLUTIONS
    )
    return float(
        np.mean([spectral_convergence(a, b) + np.abs(np.log(a) - np.log(b)).mean() for a, b in pairs])
    )


def log_mel_error_db(spec: AudioSpec, reference: np.ndarray, estimate: np.ndarray) -> float:
    """Mean absolute difference of two scaled log-mels, in decibels.

    Args:
        spec: of both.
        reference: float, any shape, see `scaling.scale`.
        estimate: of the same shape.
    """
    return float(np.abs(np.asarray(reference) - np.asarray(estimate)).mean() * spec.range_db / 2)


def chroma_similarity(reference: np.ndarray, estimate: np.ndarray, sample_rate: int) -> float:
    """Mean cosine similarity of the chroma frames of two recordings: similarity of their harmony.

    Args:
        reference: float [samples].
        estimate: float [samples]; the longer of the two is cut.
        sample_rate: of both, Hz.

    Returns:
        1 for equal chroma; 0 if no pitch class is shared, or no frame has sound in both.
    """
    length = min(len(reference), len(estimate))
    return mean_chroma_cosine(*(chroma(samples[:length], sample_rate) for samples in (reference, estimate)))


def chroma(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Constant-Q chroma (librosa.feature.chroma_cqt) at 440 Hz; the tuning is not corrected.

    Args:
        samples: float [samples].
        sample_rate: Hz.

    Returns:
        Unit vectors, or zeros for silence: [12, frames], CHROMA_FRAME_RATE a second.
    """
    samples = soxr.resample(np.asarray(samples, np.float32), sample_rate, _CHROMA_RATE)
    samples = np.pad(samples, (0, max(0, _CHROMA_SECONDS * _CHROMA_RATE - len(samples))))
    frames = librosa.feature.chroma_cqt(y=samples, sr=_CHROMA_RATE, norm=None, tuning=0.0)
    level = np.linalg.norm(frames, axis=0)
    return np.where(level > 1e-4, frames / np.maximum(level, 1e-4), 0.0)


def mean_chroma_cosine(one: np.ndarray, other: np.ndarray) -> float:
    """`chroma_similarity` of two chromas, [12, frames]; frames that are silent in either are left out."""
    frames = min(one.shape[1], other.shape[1])
    one, other = one[:, :frames], other[:, :frames]
    audible = one.any(axis=0) & other.any(axis=0)
    return float((one * other).sum(axis=0)[audible].mean()) if audible.any() else 0.0


def _magnitudes(samples: np.ndarray, n_fft: int, hop_length: int, window_length: int) -> np.ndarray:
    """STFT magnitudes with a floor, so that their logarithms are finite."""
    window = signal.get_window("hann", window_length)
    spectra = librosa.stft(
        samples, n_fft=n_fft, hop_length=hop_length, win_length=window_length, window=window
    )
    return np.maximum(np.abs(spectra), _QUIET)
