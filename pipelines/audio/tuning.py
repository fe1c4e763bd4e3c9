"""Tuning of a song: the deviation of its pitches from those of A4 = 440 Hz."""

from __future__ import annotations

import numpy as np
from scipy import fft

from pipelines.audio.hann import hann

_WINDOW_SECONDS = 0.186
"""Length of a spectrum, in which semitones above `_LOWEST` are apart."""
_LOWEST, _HIGHEST = 150.0, 3000.0
"""Range of the partials that are counted, Hz."""
_LOUD = 0.1
"""Smallest magnitude of a partial, relative to the largest of its spectrum."""
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
        self._window = hann(self._n_fft)
        self._vectors, self._weight = 0j, 0.0

    def add(self, block: np.ndarray) -> None:
        """Adds a block.

        Args:
            block: float32 [samples]; of less than a spectrum's length, it is ignored.
        """
        if len(block) < self._n_fft:
            return
        hertz, weights = self._partials(block)
        semitones = 12 * np.log2(hertz / 440.0)
        self._vectors += complex(np.sum(weights * np.exp(2j * np.pi * semitones)))
        self._weight += float(np.sum(weights))

    def cents(self) -> float:
        """Deviation, in (-50, 50]; 0 if it is inaudible, or the song has no clear pitches."""
        if abs(self._vectors) < max(_LEAST_LENGTH * self._weight, float(np.finfo(np.float64).tiny)):
            return 0.0
        found = 100 * float(np.angle(self._vectors)) / (2 * np.pi)
        return found if abs(found) >= _AUDIBLE else 0.0

    def _partials(self, block: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Frequencies in Hz and magnitudes of the partials of a block: float64 [partials] each.

        They are the peaks of parabolas through three bins (Smith 2011, "Spectral audio signal processing",
        section "Quadratic interpolation of spectral peaks"), as in `librosa.piptrack`, which takes seconds to
        import.
        """
        count = len(block) // self._n_fft
        frames = block[: count * self._n_fft].reshape(count, self._n_fft)
        spectra = np.abs(fft.rfft(frames * self._window)).astype(np.float64)
        before, peak, after = spectra[:, :-2], spectra[:, 1:-1], spectra[:, 2:]
        bins = np.arange(1, spectra.shape[1] - 1)
        in_range = (bins * self._rate >= _LOWEST * self._n_fft) & (bins * self._rate < _HIGHEST * self._n_fft)
        loud = peak > _LOUD * spectra.max(axis=1, keepdims=True)
        row, column = np.nonzero(in_range & loud & (peak > before) & (peak >= after))
        before, peak, after = (each[row, column] for each in (before, peak, after))
        slope, curve = (after - before) / 2, after + before - 2 * peak
        shift = -slope / curve  # within half a bin, since the middle is the largest of three
        return (bins[column] + shift) * (self._rate / self._n_fft), peak + slope * shift / 2
