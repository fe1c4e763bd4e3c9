"""Gains between loudnesses, and what brings a cover to its source's loudness below a true-peak ceiling."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from pipelines.audio.limiter import Limiter, attenuation, excess, step_gains
from pipelines.audio.loudness import TRAINING_LUFS, LoudnessMeter, gated_loudness
from pipelines.audio.true_peak import CEILING, STEP, PeakMeter

PASSES = 12
"""Bisections of `makeup`, which leave 0.003 dB."""

_MOST = math.log(10 ** (12 / 20))
"""Nepers that a cover is turned up at most, to make up for what the limiter takes."""
_BLOCK_SECONDS = 10.0
_GATE_SECONDS = 0.1
_STEPS_PER_GATE = 4
_TINY = 1e-12


@dataclasses.dataclass(frozen=True)
class Gain:
    """Factor of a cover before it is limited.

    Attributes:
        factor: linear.
        missing: decibels by which the limited cover stays quieter than wanted; 0 if it does not.
    """

    factor: float
    missing: float


class CoverMeter:
    """Measures a cover that is fed block by block, so that its gain can be found without reading it again.

    Kept between blocks: a true peak and an energy for every `true_peak.STEP` samples, 20 MB for an hour.
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
        """Loudness of everything so far, LUFS; -inf for silence."""
        return self._loudness.integrated()

    def matching(self, wanted: float, ceiling: float = CEILING) -> Gain:
        """The gain that brings the cover, once it is limited, to a loudness; the cover ends here.

        Args:
            wanted: LUFS.
            ceiling: of the limiter, linear; infinity for none.
        """
        return self.with_makeup(between(self.integrated(), wanted), ceiling)

    def with_makeup(self, factor: float, ceiling: float = CEILING) -> Gain:
        """A gain and what makes up for the limiter's share; the cover ends here."""
        peaks = np.concatenate([*self._peaks, self._true_peak.finish()])
        rest = np.pad(self._rest, (0, -len(self._rest) % STEP))
        energies = np.concatenate([*self._energies, _step_sums(rest)]).astype(np.float32)
        log_peaks = np.log(np.maximum(peaks, _TINY))

        def loudness(log_gain: Any, ceiling: float) -> float:
            nodes = attenuation(np, excess(np, log_peaks, log_gain, ceiling), self._rate)
            limited = energies * np.square(step_gains(np, nodes) * np.exp(log_gain))
            return gated_loudness(gate_blocks(np, limited, self._rate))

        least = np.float32(math.log(factor))
        wanted = loudness(least, math.inf)
        found = makeup(np, lambda log_gain: loudness(log_gain, ceiling), least, wanted)
        return Gain(
            math.exp(found), max(0.0, wanted - loudness(found, ceiling)) if wanted > -math.inf else 0.0
        )


def training_loudness(channels: int) -> float:
    """Loudness, LUFS, of a song whose root-mean-square mono mix is as loud as the training data.

    BS.1770 adds the channels' energies, the mono mix averages them.
    """
    return TRAINING_LUFS + 10 * math.log10(channels)


def between(loudness: float, wanted: float) -> float:
    """The linear gain that brings one loudness (LUFS) to another; 1 where either is silence."""
    difference = wanted - loudness
    return 10 ** (difference / 20) if math.isfinite(difference) else 1.0


def matched(waveform: np.ndarray, wanted: float, sample_rate: int) -> tuple[np.ndarray, float]:
    """Brings a whole waveform to a loudness.

    Args:
        waveform: float32 [samples, channels].
        wanted: LUFS.
        sample_rate: Hz.

    Returns:
        The limited waveform, and the decibels that are missing.
    """
    channels = waveform.shape[1]
    meter, limiter = CoverMeter(sample_rate, channels), Limiter(sample_rate, channels)
    size = round(_BLOCK_SECONDS * sample_rate)  # interpolated peaks of a whole song take a gigabyte
    blocks = [waveform[first : first + size] for first in range(0, len(waveform), size)]
    for block in blocks:
        meter.add(block)
    gain = meter.matching(wanted)
    limited = [limiter.add(block * np.float32(gain.factor)) for block in blocks]
    return np.concatenate([*limited, limiter.finish()]), gain.missing


def makeup(xp: Any, loudness: Callable[[Any], Any], least: Any, wanted: Any) -> Any:
    """The smallest gain, nepers, from `least` on, at which a limited signal is as loud as wanted.

    Args:
        xp: numpy or tensorflow.
        loudness: of the signal after a gain in nepers and the limiter, LUFS.
        least: where the search begins; what is loud enough there stays there.
        wanted: LUFS.
    """
    low, high = least, least + np.float32(_MOST)
    for _ in range(PASSES):
        middle = (low + high) * np.float32(0.5)
        quiet = loudness(middle) < wanted
        low, high = xp.where(quiet, middle, low), xp.where(quiet, high, middle)
    return low


def gate_blocks(xp: Any, energies: Any, sample_rate: int) -> Any:
    """Mean energies of gating blocks of about 0.4 s, a new one every 0.1 s.

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
