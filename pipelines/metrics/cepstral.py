"""Mel-cepstral distortion: distance of the spectral envelopes of two aligned recordings."""

from __future__ import annotations

import numpy as np
import scipy.fft

from pipelines.metrics.lsd import log_mel_pair

ORDER = 13
"""Number of cepstral coefficients of an envelope, without coefficient 0, which is the level."""

_NEPER_PER_DB = np.log(10) / 20


def mel_cepstral_distortion(reference: np.ndarray, estimate: np.ndarray, sample_rate: int) -> float:
    """MCD (Kubichek 1993): (10 sqrt 2 / ln 10) times the mean over frames of || c_t - c'_t ||, c_1 to c_13.

    The cepstra are those of `log_mel_db`'s spectra. They are scaled so that ln|X| is the sum of
    c_k cos(k w), for which the formula's constant gives decibels: the root mean square over the mel scale of
    the difference of two envelopes. Frames are compared one by one: a translation is aligned with its source.

    Args:
        reference: float [samples], mono.
        estimate: float [samples]; the longer of the two is cut.
        sample_rate: of both, Hz.

    Returns:
        Decibels; 0 for recordings that differ in level only.
    """
    one, other = (mel_cepstra(spectra) for spectra in log_mel_pair(reference, estimate, sample_rate))
    return float(10 * np.sqrt(2) / np.log(10) * np.linalg.norm(one - other, axis=0).mean())


def mel_cepstra(log_mel: np.ndarray) -> np.ndarray:
    """Cepstral coefficients 1 to ORDER of log-mel spectra.

    Args:
        log_mel: decibels, [bands, frames].

    Returns:
        In nepers, [ORDER, frames].
    """
    spectra = np.asarray(log_mel, np.float64) * _NEPER_PER_DB
    return scipy.fft.dct(spectra, type=2, axis=0)[1 : ORDER + 1] / len(spectra)
