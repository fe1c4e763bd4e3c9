"""Tuning of a song: its deviation from A4 = 440 Hz."""

from __future__ import annotations

import librosa
import numpy as np

from pipelines.data.survey.frames import N_FFT, SAMPLE_RATE

_EVERY = 4
"""Stride of the analysed frames: neighbouring frames contain the same notes."""
_FMIN, _FMAX = 150.0, 4000.0
_MIN_PEAKS = 50
"""Smallest number of spectral peaks for an estimate."""


class TuningMeter:
    """Tuning meter: most frequent deviation of spectral peaks from equal temperament (librosa)."""

    def __init__(self) -> None:
        """Starts a measurement."""
        self._pitches: list[np.ndarray] = []

    def add(self, magnitudes: np.ndarray) -> None:
        """Measures further frames, [1025, frames], see `Frames`."""
        if not magnitudes.shape[1]:
            return
        pitches, strengths = librosa.piptrack(
            S=magnitudes[:, ::_EVERY], sr=SAMPLE_RATE, n_fft=N_FFT, fmin=_FMIN, fmax=_FMAX
        )
        found = pitches > 0
        if found.any():
            strong = found & (strengths >= np.median(strengths[found]))
            self._pitches.append(pitches[strong].astype(np.float32))

    def cents(self) -> float | None:
        """Deviation from equal temperament at A4 = 440 Hz, -50 to 50 cents; None without pitches."""
        pitches = np.concatenate([*self._pitches, np.zeros(0, np.float32)])
        if len(pitches) < _MIN_PEAKS:
            return None
        return 100 * float(librosa.pitch_tuning(pitches, resolution=0.01))
