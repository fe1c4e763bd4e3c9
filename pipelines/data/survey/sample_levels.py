"""Meters of a song's sample levels: silence, clipping and stereo image."""

from __future__ import annotations

import math

import numpy as np

_WINDOW_SECONDS = 0.05
_RANGE_DB, _FLOOR_DB = 60.0, -70.0
"""Level of a window, relative to the loudest one and to full scale, below which it is silent."""

_EQUAL = 1e-5
"""Neighbours that differ by less have the same 16-bit value."""
_AUDIBLE, _AT_PEAK = 0.1, 0.99
_STEPS = 1000
_LARGEST = 4.0

_MONO_DB, _OPPOSED_DB = -50.0, 6.0
_TINY = 1e-12


class SilenceMeter:
    """Silence meter; stores the mean power of every window of 50 ms."""

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
        """Mask of the silent windows of 50 ms, bool [windows]."""
        levels = 10 * np.log10(np.maximum(np.concatenate([*self._powers, np.zeros(0)]), _TINY))
        return levels < max(levels.max(initial=_FLOOR_DB) - _RANGE_DB, _FLOOR_DB)

    def share(self) -> float:
        """Silent part of the song, 0 to 1; 1 for a song shorter than a window."""
        silent = self.silent()
        return float(silent.mean()) if len(silent) else 1.0

    def ends(self) -> tuple[float, float]:
        """Seconds of silence before the first sound and after the last."""
        audible = np.flatnonzero(~self.silent())
        if not len(audible):
            return 0.0, 0.0
        last = len(self.silent()) - 1 - audible[-1]
        return float(audible[0] * _WINDOW_SECONDS), float(last * _WINDOW_SECONDS)


class ClippingMeter:
    """Clipping meter: part of the samples that are clipped.

    At least three neighbouring samples of the same value at the song's peak are clipped, also if the song was
    attenuated afterwards. Lossy coding distorts such flat tops; samples above full scale count then.
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
    """Mask of the samples in runs of at least three equal values above `_AUDIBLE`, bool [samples]."""
    equal = (np.abs(np.diff(channel)) <= _EQUAL) & (np.abs(channel[1:]) > _AUDIBLE)
    three = equal[1:] & equal[:-1]
    within = np.zeros(len(channel), bool)
    for shift in range(3):
        within[shift : shift + len(three)] |= three
    return within


class ImageMeter:
    """Stereo image meter: energy of the channels' mean (mid) and of half their difference (side)."""

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
        """Ratio of side to mid energy, dB, -100 to 100; None for one channel."""
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
