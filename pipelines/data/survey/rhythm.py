"""Tempo of a song by librosa; memory hardly grows with its length."""

from __future__ import annotations

import functools

import librosa
import numpy as np

from pipelines.data.survey.frames import HOP_LENGTH, N_FFT, SAMPLE_RATE

_MELS = 64
_CHUNK = 4096
"""Frames of onset strength per tempogram."""


class TempoMeter:
    """Tempo meter: the peak of the mean tempogram of the onset strength (Grosche et al. 2010)."""

    def __init__(self) -> None:
        """Starts a measurement."""
        self._last: np.ndarray | None = None
        self._strength: list[np.ndarray] = []

    def add(self, magnitudes: np.ndarray) -> None:
        """Measures further frames, [1025, frames], see `Frames`."""
        if not magnitudes.shape[1]:
            return
        levels = librosa.power_to_db(_filters() @ np.square(magnitudes), top_db=None)
        before = levels[:, :1] if self._last is None else self._last
        flux = np.diff(np.concatenate([before, levels], axis=1), axis=1)
        self._strength.append(np.maximum(flux, 0).mean(axis=0))
        self._last = levels[:, -1:]

    def tempo(self) -> float | None:
        """Tempo, beats per minute; None without onsets."""
        strength = np.concatenate([*self._strength, np.zeros(0)])
        if not (strength > 0).any():
            return None
        chunks = np.split(strength, range(_CHUNK, len(strength), _CHUNK))
        mean = np.sum([_tempogram(chunk) for chunk in chunks], axis=0) / len(strength)
        return float(librosa.feature.tempo(tg=mean[:, None], sr=SAMPLE_RATE, hop_length=HOP_LENGTH)[0])


def _tempogram(strength: np.ndarray) -> np.ndarray:
    """Sum over frames of the local autocorrelations of onset strength, float [lags]."""
    found = librosa.feature.tempogram(onset_envelope=strength, sr=SAMPLE_RATE, hop_length=HOP_LENGTH)
    return found.sum(axis=1)


@functools.lru_cache
def _filters() -> np.ndarray:
    return librosa.filters.mel(sr=SAMPLE_RATE, n_fft=N_FFT, n_mels=_MELS)
