"""Integrated loudness (EBU R128, ITU-R BS.1770-4) of a song that is fed block by block."""

from __future__ import annotations

import math

import numpy as np
import pyloudnorm
from scipy import signal

TRAINING_LUFS = -23.0
"""Loudness of the mono songs that translators are trained on: a song is brought to it before translation."""

_BLOCK_SECONDS = 0.4
_OVERLAP = 4
"""Gating blocks that cover any moment: 75 % overlap."""
_STEP_SECONDS = _BLOCK_SECONDS / _OVERLAP
_ABSOLUTE_GATE = -70.0
_RELATIVE_GATE = -10.0


class LoudnessMeter:
    """Measures what pyloudnorm.Meter(sample_rate).integrated_loudness does, in bounded memory.

    Kept between blocks: the state of the K-weighting filters, and one energy per 100 ms.
    """

    def __init__(self, sample_rate: int, channels: int) -> None:
        """Starts a measurement.

        Args:
            sample_rate: Hz.
            channels: 1 or 2, which BS.1770 weighs equally.
        """
        self._rate = sample_rate
        self._filters = list(pyloudnorm.Meter(sample_rate)._filters.values())
        self._states = [np.zeros((len(stage.a) - 1, channels)) for stage in self._filters]
        self._steps: list[float] = []
        self._partial = 0.0
        self._samples = 0

    def add(self, block: np.ndarray) -> np.ndarray:
        """Measures further samples, float [samples, channels].

        Returns:
            Their K-weighted energies, summed over the channels, [samples].
        """
        if not len(block):
            return np.zeros(0)
        energies = np.square(self._weighted(block)).sum(axis=1)
        self._add_energies(energies)
        return energies

    def integrated(self) -> float:
        """Loudness of everything so far, LUFS; -inf for silence.

        What is shorter than one gating block (400 ms) counts as one block, filled up with silence.
        """
        return gated(self._blocks())

    def _weighted(self, block: np.ndarray) -> np.ndarray:
        """K-weighted samples; the filters go on where the previous block ended."""
        for index, stage in enumerate(self._filters):
            block, self._states[index] = signal.lfilter(
                stage.b, stage.a, block, axis=0, zi=self._states[index]
            )
            block = stage.passband_gain * block
        return block

    def _add_energies(self, energy: np.ndarray) -> None:
        """Sums the energies of samples into steps of 100 ms."""
        first = len(self._steps)
        end = self._samples + len(energy)
        starts = np.arange(first + 1, 2 + int(end / (_STEP_SECONDS * self._rate)))
        cuts = (starts * _STEP_SECONDS * self._rate).astype(int)
        pieces = np.split(energy, cuts[cuts <= end] - self._samples)
        sums = [float(piece.sum()) for piece in pieces]
        sums[0] += self._partial
        self._steps += sums[:-1]
        self._partial = sums[-1]
        self._samples = end

    def _blocks(self) -> np.ndarray:
        """Mean energy of every gating block; pyloudnorm rounds their number, and so does this."""
        seconds = self._samples / self._rate
        count = max(1, round((seconds - _BLOCK_SECONDS) / _STEP_SECONDS) + 1)
        steps = np.array([*self._steps, self._partial])[: count + _OVERLAP - 1]
        steps = np.pad(steps, (0, count + _OVERLAP - 1 - len(steps)))
        sums = np.lib.stride_tricks.sliding_window_view(steps, _OVERLAP).sum(axis=1)
        return sums / (_BLOCK_SECONDS * self._rate)


def gated(energies: np.ndarray) -> float:
    """Loudness, LUFS, of gating blocks' mean K-weighted energies [blocks]; -inf for silence."""
    levels = _lufs(energies)
    heard = levels >= _ABSOLUTE_GATE
    if not heard.any():
        return -math.inf
    threshold = max(_ABSOLUTE_GATE, float(_lufs(energies[heard].mean())) + _RELATIVE_GATE)
    return float(_lufs(energies[levels > threshold].mean()))


def _lufs(energy: np.ndarray) -> np.ndarray:
    """Loudness of a mean K-weighted energy (BS.1770-4, equation 2)."""
    return -0.691 + 10 * np.log10(np.maximum(energy, 1e-30))
