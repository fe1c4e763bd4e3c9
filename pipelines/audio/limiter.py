"""Look-ahead true-peak limiter with the same gain for all channels.

The attenuation of each step of `true_peak.STEP` samples rises before a peak, within the look-ahead, and falls
exponentially after it. The functions work with NumPy and TensorFlow (`xp` is one of the two modules), so that
limiting in blocks, of a whole song and in a graph is the same.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pipelines.audio.true_peak import CEILING, CONTEXT, STEP, PeakMeter

_LOOK_AHEAD_SECONDS = 0.005
_RELEASE_SECONDS = 0.06
"""Time constant of the release: the attenuation in decibels falls to 1/e."""
_RELEASE_CONSTANTS = 5.0
"""Time constants after which an attenuation is negligible."""
# The gain varies within the interpolator's length: measured overshoots are below 0.05 dB.
_MARGIN = 10 ** (-0.05 / 20)
_TINY = 1e-12


class Limiter:
    """Streaming limiter: blocks of a song in, limited samples out, with a delay."""

    def __init__(self, sample_rate: int, channels: int, ceiling: float = CEILING) -> None:
        """Creates a limiter for one song.

        Args:
            sample_rate: Hz.
            channels: 1 or 2.
            ceiling: largest true peak of the limited song, linear.
        """
        self._rate, self._ceiling = sample_rate, ceiling
        self._meter = PeakMeter(channels)
        self._pending = np.zeros((0, channels), np.float32)
        self._past = (1 << _doublings(sample_rate)) + look_ahead(sample_rate)
        # Excess of the pending steps and of the past on which they depend.
        self._excess = np.zeros(self._past, np.float32)

    @property
    def delay(self) -> int:
        """Number of samples by which the limited ones are behind at most."""
        return CONTEXT + STEP - 1 + look_ahead(self._rate) * STEP

    def add(self, block: np.ndarray) -> np.ndarray:
        """Adds samples, float32 [samples, channels]; returns limited samples whose look-ahead is complete."""
        self._pending = np.concatenate([self._pending, block])
        self._measure(self._meter.add(block))
        return self._ready()

    def finish(self) -> np.ndarray:
        """Ends the song; returns the remaining limited samples."""
        samples = len(self._pending)
        self._measure(self._meter.finish())
        self._measure(np.zeros(look_ahead(self._rate), np.float32))
        self._pending = np.pad(self._pending, ((0, -samples % STEP), (0, 0)))
        return self._ready()[:samples]

    def _measure(self, peaks: np.ndarray) -> None:
        log_peaks = np.log(np.maximum(peaks, _TINY))
        self._excess = np.concatenate([self._excess, excess(np, log_peaks, 0.0, self._ceiling)])

    def _ready(self) -> np.ndarray:
        """Limited samples of the steps whose look-ahead is complete."""
        steps = max(0, len(self._excess) - self._past - look_ahead(self._rate))
        nodes = attenuation(np, self._excess, self._rate)[self._past : self._past + steps + 1]
        samples, self._pending = self._pending[: steps * STEP], self._pending[steps * STEP :]
        self._excess = self._excess[steps:]
        return samples * sample_gains(np, nodes)[:, None]


def excess(xp: Any, log_peaks: Any, log_gain: Any, ceiling: Any) -> Any:
    """Excess of true peaks over a ceiling, nepers, at least 0.

    Args:
        xp: numpy or tensorflow.
        log_peaks: float32 [steps], natural logarithms.
        log_gain: natural logarithm of the gain before the limiter.
        ceiling: linear; infinity for no limiting.
    """
    if xp is np:
        shift = np.float32(log_gain - np.log(ceiling * _MARGIN))  # NumPy 2 would return float64
    else:
        shift = log_gain - xp.math.log(ceiling * _MARGIN)
    return xp.maximum(log_peaks + shift, np.float32(0.0))


def attenuation(xp: Any, excess: Any, sample_rate: int) -> Any:
    """Attenuation at the edges of steps.

    It is at least the excess of both adjacent steps; `sample_gains` interpolates between the edges.

    Args:
        xp: numpy or tensorflow.
        excess: float32 [steps], nepers, see the function `excess`.
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
    """Linear gains of samples: linear interpolation in decibels.

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
    """Number of steps within which the attenuation rises."""
    return math.ceil(_LOOK_AHEAD_SECONDS * sample_rate / STEP)


def _released(xp: Any, excess: Any, sample_rate: int) -> Any:
    """Decayed maximum over past steps: max of excess * exp(-time / release).

    Computed by doubling the window, because neither module has a running maximum with decay.
    """
    for power in range(_doublings(sample_rate)):
        decay = np.float32(math.exp(-(STEP << power) / (_RELEASE_SECONDS * sample_rate)))
        shifted = xp.pad(excess, [[1 << power, 0]])[: xp.shape(excess)[0]]
        excess = xp.maximum(excess, decay * shifted)
    return excess


def _doublings(sample_rate: int) -> int:
    return math.ceil(math.log2(_RELEASE_CONSTANTS * _RELEASE_SECONDS * sample_rate / STEP))
