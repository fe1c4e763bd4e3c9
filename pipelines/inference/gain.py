"""Loudness matching: gains between loudnesses, and makeup gains under a true-peak limiter."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from pipelines.audio.limiter import Limiter, attenuation, excess, step_gains
from pipelines.audio.loudness import TRAINING_LUFS, LoudnessMeter, gated_loudness, loudness_gain
from pipelines.audio.true_peak import CEILING, STEP, PeakMeter

BISECTIONS = 12
"""Bisections of `makeup_gain`, which leave an error of 0.003 dB."""

MAX_MAKEUP = math.log(10 ** (12 / 20))
"""Largest makeup gain, nepers."""
_BLOCK_SECONDS = 10.0
_GATE_SECONDS = 0.1
_STEPS_PER_GATE = 4
_TINY = 1e-12


@dataclasses.dataclass(frozen=True)
class Gain:
    """Gain before the limiter, with makeup.

    Attributes:
        factor: linear.
        shortfall: decibels by which the limited signal stays below the target loudness; 0 if it reaches it.
    """

    factor: float
    shortfall: float


class MakeupMeter:
    """Streaming meter of a signal from which the gain to a target loudness under the limiter is found.

    State between blocks: a true peak and an energy for every `true_peak.STEP` samples, 20 MB for an hour.
    """

    def __init__(self, sample_rate: int, channels: int) -> None:
        """Starts a measurement.

        Args:
            sample_rate: Hz.
            channels: 1 or 2.
        """
        self._rate = sample_rate
        self._loudness = LoudnessMeter(sample_rate, channels)
        self._true_peak = PeakMeter(channels)
        self._peaks: list[np.ndarray] = []
        self._energies: list[np.ndarray] = []
        self._rest = np.zeros(0)

    def add(self, block: np.ndarray) -> None:
        """Measures further samples, float32 [samples, channels]."""
        self._peaks.append(self._true_peak.add(block))
        energies = np.concatenate([self._rest, self._loudness.add(block)])
        whole = len(energies) - len(energies) % STEP
        self._energies.append(_step_sums(energies[:whole]))
        self._rest = energies[whole:]

    def integrated(self) -> float:
        """Integrated loudness of all samples so far, LUFS; -inf for silence."""
        return self._loudness.integrated()

    def gain_to(self, target: float, ceiling: float = CEILING) -> Gain:
        """Gain that brings the limited signal to a target loudness; ends the measurement.

        Args:
            target: LUFS.
            ceiling: of the limiter, linear; infinity for no limiter.
        """
        return self.with_makeup(loudness_gain(self.integrated(), target), ceiling)

    def with_makeup(self, factor: float, ceiling: float = CEILING) -> Gain:
        """Gain with makeup for the loudness that the limiter removes; ends the measurement.

        Args:
            factor: gain without makeup, linear.
            ceiling: of the limiter, linear; infinity for no limiter.
        """
        peaks = np.concatenate([*self._peaks, self._true_peak.finish()])
        rest = np.pad(self._rest, (0, -len(self._rest) % STEP))
        energies = np.concatenate([*self._energies, _step_sums(rest)]).astype(np.float32)
        log_peaks = np.log(np.maximum(peaks, _TINY))

        def loudness(log_gain: Any, ceiling: float) -> float:
            nodes = attenuation(np, excess(np, log_peaks, log_gain, ceiling), self._rate)
            limited = energies * np.square(step_gains(np, nodes) * np.exp(log_gain))
            return gated_loudness(gating_block_energies(np, limited, self._rate))

        minimum = np.float32(math.log(factor))
        target = loudness(minimum, math.inf)
        found, high = minimum, minimum + np.float32(MAX_MAKEUP)
        for _ in range(BISECTIONS):
            found, high = halved(np, lambda log_gain: loudness(log_gain, ceiling), target, found, high)
        shortfall = max(0.0, target - loudness(found, ceiling)) if target > -math.inf else 0.0
        return Gain(math.exp(found), shortfall)


def training_loudness(channels: int) -> float:
    """Loudness, LUFS, of a song whose root-mean-square downmix is at the loudness of the training data.

    BS.1770 sums the energies of the channels, the downmix averages them.
    """
    return TRAINING_LUFS + 10 * math.log10(channels)


def match_loudness(
    waveform: np.ndarray, target: float, sample_rate: int, ceiling: float = CEILING
) -> tuple[np.ndarray, float]:
    """Brings a waveform to a loudness with true peaks of -1 dBTP at most.

    Args:
        waveform: float32 [samples, channels].
        target: LUFS.
        sample_rate: Hz.
        ceiling: of the limiter, linear; infinity for no limiter.

    Returns:
        The limited waveform, float32 of the same shape, and its shortfall in decibels.
    """
    channels = waveform.shape[1]
    meter, limiter = MakeupMeter(sample_rate, channels), Limiter(sample_rate, channels, ceiling)
    size = round(_BLOCK_SECONDS * sample_rate)  # interpolated peaks of a whole song take a gigabyte
    blocks = [waveform[first : first + size] for first in range(0, len(waveform), size)]
    for block in blocks:
        meter.add(block)
    gain = meter.gain_to(target, ceiling)
    limited = [limiter.add(block * np.float32(gain.factor)) for block in blocks]
    return np.concatenate([*limited, limiter.finish()]), gain.shortfall


def halved(xp: Any, loudness: Callable[[Any], Any], target: Any, low: Any, high: Any) -> tuple[Any, Any]:
    """One bisection of the search for the smallest gain at which a limited signal reaches a loudness.

    Args:
        xp: numpy or tensorflow.
        loudness: of the signal after a gain in nepers and the limiter, LUFS.
        target: LUFS.
        low: lower end of the interval, nepers; it stays if the signal reaches the target there.
        high: upper end.

    Returns:
        Ends of the half that contains the gain.
    """
    middle = (low + high) * np.float32(0.5)
    quiet = loudness(middle) < target
    return xp.where(quiet, middle, low), xp.where(quiet, high, middle)


def gating_block_energies(xp: Any, energies: Any, sample_rate: int) -> Any:
    """Mean energies of gating blocks of about 0.4 s, which overlap by 75 %.

    Args:
        xp: numpy or tensorflow.
        energies: float32 [steps], sums over `true_peak.STEP` samples each.
        sample_rate: Hz.

    Returns:
        float32 [blocks], at least one.
    """
    size = round(_GATE_SECONDS * sample_rate / STEP)
    steps = xp.shape(energies)[0]
    count = xp.maximum(steps // size, _STEPS_PER_GATE)
    padded = xp.pad(energies, [[0, xp.maximum(count * size - steps, 0)]])[: count * size]
    sums = xp.reshape(padded, [-1, size]) @ np.ones([size, 1], np.float32)
    blocks = sum(sums[shift : count - _STEPS_PER_GATE + 1 + shift, 0] for shift in range(_STEPS_PER_GATE))
    return blocks * np.float32(1 / (_STEPS_PER_GATE * size * STEP))


def _step_sums(energies: np.ndarray) -> np.ndarray:
    return energies.reshape(-1, STEP).sum(axis=1)
