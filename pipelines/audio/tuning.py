"""Tuning of a song: the deviation of its pitches from those of A4 = 440 Hz."""

from __future__ import annotations

import librosa
import numpy as np

_WINDOW_SECONDS = 0.186
"""Length of a spectrum, in which semitones above `_LOWEST` are apart."""
_LOWEST, _HIGHEST = 150.0, 3000.0
"""Range of the partials that are counted, Hz."""
_LEAST_LENGTH = 0.1
"""Smallest length of the mean vector: below it, the deviations are as good as evenly spread."""
_AUDIBLE = 5.0
"""Smallest deviation that matters, cents."""


class TuningMeter:
    """Meter of the tuning of a song, block by block.

    The deviations of all spectral peaks from the nearest semitone, weighted by magnitude, are averaged on the
    circle (Dressler and Streich 2007, "Tuning frequency estimation using circular statistics").
    """

    def __init__(self, sample_rate: int) -> None:
        """Starts with no block.

        Args:
            sample_rate: Hz.
        """
        self._rate = sample_rate
        self._n_fft = 2 ** round(np.log2(_WINDOW_SECONDS * sample_rate))
        self._vectors, self._weight = 0j, 0.0

    def add(self, block: np.ndarray) -> None:
        """Adds a block.

        Args:
            block: float32 [samples]; of less than a spectrum's length, it is ignored.
        """
        if len(block) < self._n_fft:
            return
        pitches, magnitudes = librosa.piptrack(
            y=block,
            sr=self._rate,
            n_fft=self._n_fft,
            hop_length=self._n_fft,
            fmin=_LOWEST,
            fmax=_HIGHEST,
            center=False,
        )
        found = pitches > 0
        weights = magnitudes[found].astype(np.float64)
        semitones = 12 * np.log2(pitches[found].astype(np.float64) / 440.0)
        self._vectors += complex(np.sum(weights * np.exp(2j * np.pi * semitones)))
        self._weight += float(np.sum(weights))

    def cents(self) -> float:
        """Deviation, in (-50, 50]; 0 if it is inaudible, or the song has no clear pitches."""
        if abs(self._vectors) < max(_LEAST_LENGTH * self._weight, float(np.finfo(np.float64).tiny)):
            return 0.0
        found = 100 * float(np.angle(self._vectors)) / (2 * np.pi)
        return found if abs(found) >= _AUDIBLE else 0.0
