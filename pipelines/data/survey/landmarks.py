"""A recording's fingerprint: pairs of spectral peaks.

After Wang 2003, "An industrial-strength audio search algorithm". Peaks survive lossy coding, another sample
rate and another gain. They do not survive another speed or pitch: what is found is the same recording, not
another one of the same piece.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy import ndimage

_LOWEST, _BINS = 10, 512
"""Spectrum that peaks are looked for in, from 108 to 5512 Hz."""
_AREA = (31, 21)
"""A peak is the largest value within so many bins (334 Hz) and frames (half a second)."""
_RANGE = 1e-3
"""A peak that is so much weaker than the loudest one of its block is noise."""
_PARTNERS, _NEAREST, _FARTHEST = 4, 2, 63
"""Every peak is paired with so many later ones, that many frames away (0.05 to 1.5 s)."""


@dataclasses.dataclass(frozen=True)
class Landmarks:
    """The fingerprint of one recording.

    Attributes:
        hashes: uint32 [n]: both frequencies (9 bits each) and the time between the peaks (6 bits).
        times: uint32 [n]: frames from the start to the first peak.
    """

    hashes: np.ndarray
    times: np.ndarray


class LandmarkMeter:
    """Collects the peaks of a song, then pairs them."""

    def __init__(self) -> None:
        """Starts a measurement."""
        self._frames = 0
        self._bins: list[np.ndarray] = []
        self._times: list[np.ndarray] = []

    def add(self, magnitudes: np.ndarray) -> None:
        """Measures further frames, [1025, frames], see `Frames`."""
        if magnitudes.shape[1] and magnitudes.max() > 0:
            heights = magnitudes[_LOWEST:_BINS]
            largest = ndimage.maximum_filter(heights, _AREA, mode="nearest")
            bins, times = np.nonzero((heights == largest) & (heights > _RANGE * heights.max()))
            order = np.lexsort((bins, times))
            self._bins.append(bins[order] + _LOWEST)
            self._times.append(times[order] + self._frames)
        self._frames += magnitudes.shape[1]

    def landmarks(self) -> Landmarks:
        """All pairs so far."""
        bins, times = (np.concatenate([*parts, np.zeros(0, np.int64)]) for parts in (self._bins, self._times))
        hashes, starts = [], []
        first = np.searchsorted(times, times + _NEAREST)
        for partner in range(_PARTNERS):
            second = first + partner
            near = np.flatnonzero(second < len(times))
            near = near[times[second[near]] - times[near] <= _FARTHEST]
            other = second[near]
            hashes.append(bins[near] << 15 | bins[other] << 6 | times[other] - times[near])
            starts.append(times[near])
        return Landmarks(np.concatenate(hashes).astype(np.uint32), np.concatenate(starts).astype(np.uint32))
