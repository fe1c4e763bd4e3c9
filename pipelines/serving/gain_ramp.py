"""Loudness matching of a translation that is streamed: its start is sent before its end is known.

The gain of a window is the one that brings the translation so far to the loudness of the source so far. It
converges in the course of a song, so the dynamics of the translation remain. It includes the makeup gain for
the limiter in this window. Between two windows the gain changes within `_RAMP_SECONDS`. The limiter keeps
true peaks below -1 dBTP, and delays the last milliseconds of a window until the next one.
"""

from __future__ import annotations

import math

import numpy as np

from pipelines.audio.limiter import Limiter
from pipelines.audio.loudness import LoudnessMeter
from pipelines.audio.true_peak import CEILING
from pipelines.inference import gain

_RAMP_SECONDS = 0.25


class LoudnessMatch:
    """Loudness matching of one song, window by window, without a limiter."""

    def __init__(
        self,
        sample_rate: int,
        channels: int,
        fallback: float = 1.0,
        *,
        match: bool = True,
        ceiling: float = math.inf,
    ) -> None:
        """Starts a song.

        Args:
            sample_rate: Hz.
            channels: 1 or 2.
            fallback: gain from the training loudness to the song's own, used while a loudness cannot be
                measured.
            match: False for a translation that equals the source (strength 0): `fallback` is its gain.
            ceiling: of the limiter that follows, linear; infinity for none.
        """
        self._rate, self._channels, self._fallback, self._match = sample_rate, channels, fallback, match
        self._ceiling = ceiling
        self._source = LoudnessMeter(sample_rate, channels)
        self._translation = LoudnessMeter(sample_rate, channels)
        self._ramp = round(_RAMP_SECONDS * sample_rate)
        self._gain: float | None = None

    def add(self, source: np.ndarray, translation: np.ndarray) -> np.ndarray:
        """Matches the loudness of the next window.

        Args:
            source: float32 [samples, channels].
            translation: float32 [samples, channels], at any loudness.

        Returns:
            The translation, float32 [samples, channels], at the loudness of the source.
        """
        if self._match:
            self._source.add(source)
            self._translation.add(translation)
        current = self._window_gain(translation)
        previous = current if self._gain is None else self._gain
        self._gain = current
        ramp = min(self._ramp, len(translation))
        return translation * _gains(previous, current, ramp, len(translation))

    def _window_gain(self, translation: np.ndarray) -> float:
        """Gain of a window, linear."""
        loudnesses = self._translation.integrated(), self._source.integrated()
        if not self._match or -math.inf in loudnesses:
            return self._fallback
        factor = gain.loudness_gain(*loudnesses)
        if self._ceiling == math.inf:
            return factor
        window = gain.MakeupMeter(self._rate, self._channels)
        window.add(translation)
        return window.with_makeup(factor, self._ceiling).factor


class GainRamp:
    """Loudness matching and limiter of one song, window by window."""

    def __init__(self, sample_rate: int, channels: int, fallback: float = 1.0, *, match: bool = True) -> None:
        """Starts a song.

        Args:
            sample_rate: Hz.
            channels: 1 or 2.
            fallback: see `LoudnessMatch`.
            match: likewise; if it is False, peaks are not limited either.
        """
        ceiling = CEILING if match else math.inf
        self._match = LoudnessMatch(sample_rate, channels, fallback, match=match, ceiling=ceiling)
        self._limiter = Limiter(sample_rate, channels, ceiling)

    def add(self, source: np.ndarray, translation: np.ndarray) -> np.ndarray:
        """Matches the loudness of the next window.

        Args:
            source: float32 [samples, channels].
            translation: float32 [samples, channels], at any loudness.

        Returns:
            float32 [samples, channels], at the loudness of the source, delayed by the limiter.
        """
        return self._limiter.add(self._match.add(source, translation))

    def finish(self) -> np.ndarray:
        """Returns the samples that the limiter has delayed, float32 [samples, channels]."""
        return self._limiter.finish()


def _gains(first: float, last: float, ramp: int, size: int) -> np.ndarray:
    """Gains [size, 1]: linear from the first to the last within `ramp` samples, then constant."""
    gains = np.full(size, last, np.float32)
    gains[:ramp] = np.linspace(first, last, ramp)
    return gains[:, None]
