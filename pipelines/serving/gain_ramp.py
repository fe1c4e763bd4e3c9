"""The loudness of a cover that is sent while it is made: its end is not known when its start leaves.

The gain of every window is the one that would make the cover so far as loud as the source so far: a number
that settles as the song goes on, so the cover's own dynamics stay. It is raised by what the limiter takes
from that window. Between two windows the gain moves within `_RAMP_SECONDS`. The limiter follows: it keeps
true peaks below -1 dBTP, and holds the last milliseconds of a window back until the next one is there.
"""

from __future__ import annotations

import math

import numpy as np

from pipelines.audio.limiter import Limiter
from pipelines.audio.loudness import LoudnessMeter
from pipelines.audio.true_peak import CEILING
from pipelines.inference import gain

_RAMP_SECONDS = 0.25


class Leveller:
    """Applies the gain and the limiter, window by window."""

    def __init__(self, sample_rate: int, channels: int, back: float = 1.0, *, follow: bool = True) -> None:
        """Starts a song.

        Args:
            sample_rate: Hz.
            channels: 1 or 2.
            back: gain from the loudness at which the song was played to its own; it is used where nothing
                else can be measured.
            follow: False for a cover that is the source: `back` is its gain, and peaks stay as they are.
        """
        self._rate, self._channels, self._back, self._follow = sample_rate, channels, back, follow
        self._ceiling = ceiling = CEILING if follow else math.inf
        self._source = LoudnessMeter(sample_rate, channels)
        self._cover = LoudnessMeter(sample_rate, channels)
        self._limiter = Limiter(sample_rate, channels, ceiling)
        self._ramp = round(_RAMP_SECONDS * sample_rate)
        self._gain: float | None = None

    def add(self, source: np.ndarray, cover: np.ndarray) -> np.ndarray:
        """Takes a window, and gives what is ready.

        Args:
            source: float32 [samples, channels].
            cover: what was made of it, at any loudness.

        Returns:
            float32 [samples, channels], at the source's loudness.
        """
        if self._follow:
            self._source.add(source)
            self._cover.add(cover)
        wanted = self._wanted(cover)
        before = wanted if self._gain is None else self._gain
        self._gain = wanted
        return self._limiter.add(cover * _slope(before, wanted, min(self._ramp, len(cover)), len(cover)))

    def finish(self) -> np.ndarray:
        """Gives the end of the last window."""
        return self._limiter.finish()

    def _wanted(self, cover: np.ndarray) -> float:
        """The gain of a window."""
        heard = self._cover.integrated(), self._source.integrated()
        if not self._follow or -math.inf in heard:
            return self._back
        window = gain.CoverMeter(self._rate, self._channels)
        window.add(cover)
        factor = gain.between(*heard)
        return window.with_makeup(factor, self._ceiling).factor


def _slope(first: float, last: float, ramp: int, size: int) -> np.ndarray:
    """Gains [size, 1] that go from one to the other within `ramp` samples, and stay."""
    gains = np.full(size, last, np.float32)
    gains[:ramp] = np.linspace(first, last, ramp)
    return gains[:, None]
