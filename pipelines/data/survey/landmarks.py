"""Fingerprint of a recording: pairs of spectral peaks.

After Wang 2003, "An industrial-strength audio search algorithm". Peaks are robust to lossy coding, sample
rate and gain, but not to changes of speed or pitch: matches are the same recording, not another recording of
the same piece.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy import ndimage

_LOWEST, _BINS = 10, 512
"""Range of bins in which peaks are searched, from 108 to 5512 Hz."""
_AREA = (31, 21)
"""Neighbourhood of which a peak is the maximum: bins (334 Hz) and frames (half a second)."""
_RANGE = 1e-3
"""Magnitude relative to the maximum of a block below which peaks are noise."""
_PARTNERS, _NEAREST, _FARTHEST = 4, 2, 63
"""Number of later peaks that a peak is paired with, and their distances in frames (0.05 to 1.5 s)."""


@dataclasses.dataclass(frozen=True)
class Landmarks:
    """Fingerprint of one recording.

    Attributes:
        hashes: uint32 [n]: both frequencies (9 bits each) and the time between the peaks (6 bits).
        times: uint32 [n]: frame of the first peak.
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
        """Fingerprint of all frames so far."""
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
