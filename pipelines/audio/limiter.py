"""A look-ahead true-peak limiter: what exceeds a ceiling is turned down smoothly, all channels together.

The attenuation of each step of `true_peak.STEP` samples rises before a peak, within the look-ahead, and falls
exponentially after it. The functions serve NumPy and TensorFlow alike (`xp` is one of the two modules), so
that a song limited in blocks, at once or in a graph is the same.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pipelines.audio.true_peak import CEILING, STEP, PeakMeter

_LOOK_AHEAD_SECONDS = 0.005
_RELEASE_SECONDS = 0.06
"""In which the attenuation, in decibels, falls to 1/e."""
_RELEASED = 5.0
"""Times the release after which nothing of an attenuation is left."""
# The gain moves while a peak is interpolated: measured overshoots are below 0.05 dB.
_MARGIN = 10 ** (-0.05 / 20)
_TINY = 1e-12


class Limiter:
    """Limits a song that is fed block by block; samples come back late, but every one of them does."""

    def __init__(self, sample_rate: int, channels: int, ceiling: float = CEILING) -> None:
        """Starts a song.

        Args:
            sample_rate: Hz.
            channels: 1 or 2.
            ceiling: largest true peak of what comes back, linear.
        """
        self._rate, self._ceiling = sample_rate, ceiling
        self._meter = PeakMeter(channels)
        self._waiting = np.zeros((0, channels), np.float32)
        self._past = (1 << _doublings(sample_rate)) + look_ahead(sample_rate)
        # Of the steps before the first one that waits, and of those that wait.
        self._excess = np.zeros(self._past, np.float32)

    def add(self, block: np.ndarray) -> np.ndarray:
        """Takes samples, float32 [samples, channels], and gives those whose future is known by now."""
        self._waiting = np.concatenate([self._waiting, block])
        self._measure(self._meter.add(block))
        return self._ready()

    def finish(self) -> np.ndarray:
        """Gives the samples that are left."""
        samples = len(self._waiting)
        self._measure(self._meter.finish())
        self._measure(np.zeros(look_ahead(self._rate), np.float32))
        self._waiting = np.pad(self._waiting, ((0, -samples % STEP), (0, 0)))
        return self._ready()[:samples]

    def _measure(self, peaks: np.ndarray) -> None:
        log_peaks = np.log(np.maximum(peaks, _TINY))
        self._excess = np.concatenate([self._excess, excess(np, log_peaks, 0.0, self._ceiling)])

    def _ready(self) -> np.ndarray:
        """Limits the steps that have the look-ahead after them."""
        steps = max(0, len(self._excess) - self._past - look_ahead(self._rate))
        nodes = attenuation(np, self._excess, self._rate)[self._past : self._past + steps + 1]
        samples, self._waiting = self._waiting[: steps * STEP], self._waiting[steps * STEP :]
        self._excess = self._excess[steps:]
        return samples * sample_gains(np, nodes)[:, None]


def excess(xp: Any, log_peaks: Any, log_gain: Any, ceiling: Any) -> Any:
    """Nepers by which true peaks exceed a ceiling, at least 0.

    Args:
        xp: numpy or tensorflow.
        log_peaks: float32 [steps], natural logarithms.
        log_gain: of the gain before the limiter.
        ceiling: linear; infinity for no limiting.
    """
    if xp is np:
        shift = np.float32(log_gain - np.log(ceiling * _MARGIN))  # NumPy 2 would go on in float64
    else:
        shift = log_gain - xp.math.log(ceiling * _MARGIN)
    return xp.maximum(log_peaks + shift, np.float32(0.0))


def attenuation(xp: Any, excess: Any, sample_rate: int) -> Any:
    """Attenuation at the edges of steps.

    It is at least the excess of both steps that meet there; see `sample_gains` for what lies between.

    Args:
        xp: numpy or tensorflow.
        excess: float32 [steps], nepers, see `excess`.
        sample_rate: Hz.

    Returns:
        float32 [steps + 1], nepers.
    """
    steps, ahead = xp.shape(excess)[0], look_ahead(sample_rate)
    padded = xp.pad(_released(xp, excess, sample_rate), [[ahead, ahead]])
    held = padded[: steps + ahead]
    for shift in range(1, ahead + 1):
        held = xp.maximum(held, padded[shift : shift + steps + ahead])
    return sum(held[shift : shift + steps + 1] for shift in range(ahead)) * np.float32(1 / ahead)


def sample_gains(xp: Any, nodes: Any) -> Any:
    """Linear gains of samples, straight lines in decibels.

    Args:
        xp: numpy or tensorflow.
        nodes: float32 [steps + 1], see `attenuation`.

    Returns:
        float32 [steps * STEP].
    """
    share = np.arange(STEP, dtype=np.float32) / STEP
    first, last = nodes[:-1, None], nodes[1:, None]
    return xp.reshape(xp.exp(first * (share - 1) - last * share), [-1])


def step_gains(xp: Any, nodes: Any) -> Any:
    """Linear gains in the middle of steps, float32 [steps]."""
    return xp.exp((nodes[:-1] + nodes[1:]) * np.float32(-0.5))


def look_ahead(sample_rate: int) -> int:
    """Steps within which the attenuation rises."""
    return math.ceil(_LOOK_AHEAD_SECONDS * sample_rate / STEP)


def _released(xp: Any, excess: Any, sample_rate: int) -> Any:
    """The largest of what every step before has left: excess * exp(-time / release), of a bounded past.

    Doubling the reach again and again, because neither module has a running maximum with decay.
    """
    for power in range(_doublings(sample_rate)):
        decay = np.float32(math.exp(-(STEP << power) / (_RELEASE_SECONDS * sample_rate)))
        shifted = xp.pad(excess, [[1 << power, 0]])[: xp.shape(excess)[0]]
        excess = xp.maximum(excess, decay * shifted)
    return excess


def _doublings(sample_rate: int) -> int:
    return math.ceil(math.log2(_RELEASED * _RELEASE_SECONDS * sample_rate / STEP))
