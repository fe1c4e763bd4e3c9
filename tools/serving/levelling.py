"""The loudness of a cover that is sent while it is made: its end is not known when its start leaves.

The gain of every window is the one that would make the cover so far as loud as the source so far, within what
the window's peak allows: a number that settles as the song goes on, so the cover's own dynamics stay. Between
two windows it moves within `_RAMP_SECONDS`; where the later one needs less, it has moved before that window
begins, so the end of a window waits for the next one.
"""

from __future__ import annotations

import numpy as np

from pipelines.audio.loudness import LoudnessMeter
from pipelines.inference import gain

_RAMP_SECONDS = 0.25


class Leveller:
    """Applies the gain, window by window."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        """Starts a song.

        Args:
            sample_rate: Hz.
            channels: 1 or 2.
        """
        self._source = LoudnessMeter(sample_rate, channels)
        self._cover = LoudnessMeter(sample_rate, channels)
        self._ramp = round(_RAMP_SECONDS * sample_rate)
        self._tail = np.zeros((0, channels), np.float32)
        self._gain: float | None = None

    def add(self, source: np.ndarray, cover: np.ndarray) -> np.ndarray:
        """Takes a window, and gives the end of the one before and what is ready of this one.

        Args:
            source: float32 [samples, channels].
            cover: what was made of it, at any loudness.

        Returns:
            float32 [samples, channels], at the source's loudness.
        """
        self._source.add(source)
        self._cover.add(cover)
        peak = float(np.abs(cover).max(initial=0.0))
        wanted = gain.matching(self._cover.integrated(), self._source.integrated(), peak).factor
        before = wanted if self._gain is None else self._gain
        edge = min(before, wanted)
        ramp = min(self._ramp, len(cover) // 2)
        ended = self._tail * _slope(before, edge, len(self._tail), len(self._tail))
        begun = cover[: len(cover) - ramp] * _slope(edge, wanted, ramp, len(cover) - ramp)
        self._tail, self._gain = cover[len(cover) - ramp :], wanted
        return np.concatenate([ended, begun])

    def finish(self) -> np.ndarray:
        """Gives the end of the last window."""
        return self._tail * np.float32(1.0 if self._gain is None else self._gain)


def _slope(first: float, last: float, ramp: int, size: int) -> np.ndarray:
    """Gains [size, 1] that go from one to the other within `ramp` samples, and stay."""
    gains = np.full(size, last, np.float32)
    gains[:ramp] = np.linspace(first, last, ramp)
    return gains[:, None]
