"""Meters of a song's sample levels: silence, clipping and stereo image."""

from __future__ import annotations

import math

import numpy as np

_WINDOW_SECONDS = 0.05
_RANGE_DB, _FLOOR_DB = 60.0, -70.0
"""A window is silent when it is so much quieter than the loudest one, or than full scale."""

_EQUAL = 1e-5
"""Neighbours that differ by less lie on one step of 16 bits."""
_AUDIBLE, _AT_PEAK = 0.1, 0.99
_STEPS = 1000
_LARGEST = 4.0

_MONO_DB, _OPPOSED_DB = -50.0, 6.0
_TINY = 1e-12


class SilenceMeter:
    """Meter of a song's silent windows; keeps one number, the mean power, per 50 ms."""

    def __init__(self, sample_rate: int) -> None:
        """Starts a measurement at a rate in Hz."""
        self._size = round(_WINDOW_SECONDS * sample_rate)
        self._powers: list[np.ndarray] = []
        self._rest = np.zeros(0, np.float32)

    def add(self, block: np.ndarray) -> None:
        """Measures further samples, float [samples, channels]."""
        power = np.concatenate([self._rest, np.einsum("sc,sc->s", block, block) / block.shape[1]])
        whole = len(power) - len(power) % self._size
        self._powers.append(power[:whole].reshape(-1, self._size).mean(axis=1))
        self._rest = power[whole:]

    def silent(self) -> np.ndarray:
        """True for each window of 50 ms that is silent, bool [windows]."""
        levels = 10 * np.log10(np.maximum(np.concatenate([*self._powers, np.zeros(0)]), _TINY))
        return levels < max(levels.max(initial=_FLOOR_DB) - _RANGE_DB, _FLOOR_DB)

    def share(self) -> float:
        """Silent part of the song, 0 to 1; 1 for a song shorter than a window."""
        silent = self.silent()
        return float(silent.mean()) if len(silent) else 1.0

    def ends(self) -> tuple[float, float]:
        """Seconds of silence before the first sound and after the last."""
        heard = np.flatnonzero(~self.silent())
        if not len(heard):
            return 0.0, 0.0
        last = len(self.silent()) - 1 - heard[-1]
        return float(heard[0] * _WINDOW_SECONDS), float(last * _WINDOW_SECONDS)


class ClippingMeter:
    """The part of the samples that was cut off at the top.

    Three neighbours or more of the same value at the song's own peak are a cut wave, also when it was made
    quieter afterwards. Lossy coding bends such flat tops; then what exceeds full scale counts.
    """

    def __init__(self) -> None:
        """Starts a measurement."""
        self._flat = np.zeros(round(_LARGEST * _STEPS) + 1, np.int64)
        self._over, self._samples, self.peak = 0, 0, 0.0

    def add(self, block: np.ndarray) -> None:
        """Measures further samples, float [samples, channels]."""
        self.peak = max(self.peak, float(np.abs(block).max(initial=0.0)))
        self._over += int((np.abs(block) > 1.0).sum())
        self._samples += block.size
        for channel in block.T:
            levels = np.abs(channel[_in_runs(channel)])
            steps = np.minimum(levels * _STEPS, len(self._flat) - 1).astype(int)
            self._flat += np.bincount(steps, minlength=len(self._flat))

    def share(self) -> float:
        """Clipped samples of all samples, 0 to 1."""
        at_peak = self._flat[int(_AT_PEAK * min(self.peak, _LARGEST) * _STEPS) :].sum()
        return float(max(at_peak, self._over) / max(self._samples, 1))


def _in_runs(channel: np.ndarray) -> np.ndarray:
    """Samples that are audible and belong to three equal neighbours or more, bool [samples]."""
    equal = (np.abs(np.diff(channel)) <= _EQUAL) & (np.abs(channel[1:]) > _AUDIBLE)
    three = equal[1:] & equal[:-1]
    within = np.zeros(len(channel), bool)
    for shift in range(3):
        within[shift : shift + len(three)] |= three
    return within


class ImageMeter:
    """Meter of the stereo image: energy of the channels' mean (mid) and of half their difference (side)."""

    def __init__(self) -> None:
        """Starts a measurement."""
        self._mid, self._side, self._channels = 0.0, 0.0, 1

    def add(self, block: np.ndarray) -> None:
        """Measures further samples, float [samples, 1 or 2]."""
        self._channels = block.shape[1]
        left, right = block[:, 0], block[:, -1]
        self._mid += float(np.square((left + right) / 2, dtype=np.float64).sum())
        self._side += float(np.square((left - right) / 2, dtype=np.float64).sum())

    def width_db(self) -> float | None:
        """Side against mid, dB, from -100 to 100; None for one channel."""
        if self._channels == 1:
            return None
        ratio = (self._side + _TINY) / (self._mid + _TINY)
        return max(-100.0, min(100.0, 10 * math.log10(ratio)))


def image(width_db: float | None) -> str:
    """Name of the stereo image that has a given width.

    Args:
        width_db: by `ImageMeter`.

    Returns:
        "mono"; "dual mono" where both channels are the same; "opposed" where they cancel in the mono downmix
        that training uses; else "stereo".
    """
    if width_db is None:
        return "mono"
    if width_db < _MONO_DB:
        return "dual mono"
    return "opposed" if width_db > _OPPOSED_DB else "stereo"
