"""Streaming meter of integrated loudness (EBU R128, ITU-R BS.1770-4)."""

from __future__ import annotations

import math

import numpy as np

from pipelines.audio.k_weighting import KWeighting

TRAINING_LUFS = -23.0
"""Loudness of the mono songs in the training data, and of a song before translation."""

_BLOCK_SECONDS = 0.4
_OVERLAP = 4
"""Number of gating blocks that contain a sample: 75 % overlap."""
_STEP_SECONDS = _BLOCK_SECONDS / _OVERLAP
ABSOLUTE_GATE = -70.0
"""Loudness, LUFS, below which a block is silence."""

_OFFSET = -0.691
_RELATIVE_GATE = -10.0


class LoudnessMeter:
    """Loudness meter equal to pyloudnorm.Meter(sample_rate).integrated_loudness, in bounded memory.

    Its state is that of the K-weighting filters and one energy per 100 ms.
    """

    def __init__(self, sample_rate: int, channels: int) -> None:
        """Creates a meter for one song.

        Args:
            sample_rate: Hz.
            channels: 1 or 2, which BS.1770 weights equally.
        """
        self._rate = sample_rate
        self._weighting = KWeighting(sample_rate, channels)
        self._steps: list[float] = []
        self._partial = 0.0
        self._samples = 0

    def add(self, block: np.ndarray) -> np.ndarray:
        """Adds samples, float [samples, channels].

        Returns:
            K-weighted energies of the samples, summed over the channels, [samples].
        """
        if not len(block):
            return np.zeros(0)
        energies = self._weighting.energies(block)
        self._add_energies(energies)
        return energies

    def integrated(self) -> float:
        """Loudness of all samples so far, LUFS; -inf for silence.

        A signal shorter than one gating block (400 ms) is padded with silence to one block.
        """
        return gated_loudness(self._blocks())

    def _add_energies(self, energy: np.ndarray) -> None:
        """Sums the energies of samples into steps of 100 ms."""
        first = len(self._steps)
        end = self._samples + len(energy)
        starts = np.arange(first + 1, 2 + int(end / (_STEP_SECONDS * self._rate)))
        cuts = (starts * _STEP_SECONDS * self._rate).astype(int)
        parts = np.split(energy, cuts[cuts <= end] - self._samples)
        sums = [float(part.sum()) for part in parts]
        sums[0] += self._partial
        self._steps += sums[:-1]
        self._partial = sums[-1]
        self._samples = end

    def _blocks(self) -> np.ndarray:
        """Mean energy of every gating block; their number is rounded as in pyloudnorm."""
        seconds = self._samples / self._rate
        count = max(1, round((seconds - _BLOCK_SECONDS) / _STEP_SECONDS) + 1)
        steps = np.array([*self._steps, self._partial])[: count + _OVERLAP - 1]
        steps = np.pad(steps, (0, count + _OVERLAP - 1 - len(steps)))
        sums = np.lib.stride_tricks.sliding_window_view(steps, _OVERLAP).sum(axis=1)
        return sums / (_BLOCK_SECONDS * self._rate)


def loudness_gain(loudness: float, target: float) -> float:
    """Linear gain from one loudness to another, both in LUFS; 1 if either is silence."""
    difference = target - loudness
    return 10 ** (difference / 20) if math.isfinite(difference) else 1.0


def gated_loudness(energies: np.ndarray) -> float:
    """Gated loudness, LUFS, of mean K-weighted energies of blocks [blocks]; -inf for silence."""
    levels = _lufs(energies)
    audible = levels >= ABSOLUTE_GATE
    if not audible.any():
        return -math.inf
    threshold = max(ABSOLUTE_GATE, float(_lufs(energies[audible].mean())) + _RELATIVE_GATE)
    return float(_lufs(energies[levels > threshold].mean()))


def energy_of(loudness: float) -> float:
    """Mean K-weighted energy, summed over the channels, of a loudness in LUFS (BS.1770-4, equation 2)."""
    return 10 ** ((loudness - _OFFSET) / 10)


def _lufs(energy: np.ndarray) -> np.ndarray:
    """Loudness of a mean K-weighted energy, the inverse of `energy_of`."""
    return _OFFSET + 10 * np.log10(np.maximum(energy, 1e-30))
