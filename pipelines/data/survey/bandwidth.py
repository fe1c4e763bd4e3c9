"""Long-term spectrum of a song, and its bandwidth."""

from __future__ import annotations

import dataclasses

import numpy as np

_N_FFT = 4096
_HOP_SECONDS = 0.1
"""Hop of the frames: sufficient for an average over a song."""
_TINY = 1e-20

_SMOOTH_HZ = 100.0
_LOWEST_EDGE, _NEAR, _FAR, _SPAN = 3000.0, 100.0, 300.0, 500.0
"""Edges are searched above 3 kHz; mean levels over 500 Hz are compared 100 Hz below and 300 Hz above them."""
_DROP_DB = 20.0
_QUIET_DB = 70.0

CENTRES = np.geomspace(40.0, 20000.0, 64)
"""Frequencies of the spectrum that is stored for every song, Hz."""


@dataclasses.dataclass(frozen=True)
class UpperEnd:
    """Upper end of a spectrum.

    Attributes:
        hertz: frequency above which there is almost no power.
        is_edge: true if the spectrum ends abruptly, a sign of lossy coding or an earlier low sample rate.
    """

    hertz: float
    is_edge: bool


class SpectrumMeter:
    """Mean power spectrum of a song's mono downmix at its own sample rate."""

    def __init__(self, sample_rate: int) -> None:
        """Starts a measurement at a rate in Hz."""
        self._rate = sample_rate
        self._window = np.hanning(_N_FFT).astype(np.float32)
        self._stride = max(1, round(_HOP_SECONDS * sample_rate))
        self._sum = np.zeros(_N_FFT // 2 + 1)
        self._count = 0

    def add(self, block: np.ndarray) -> None:
        """Measures further samples, float [samples, channels]; a block shorter than a frame is ignored."""
        mono = block.mean(axis=1)
        if len(mono) < _N_FFT:
            return
        frames = np.lib.stride_tricks.sliding_window_view(mono, _N_FFT)[:: self._stride]
        power = np.square(np.abs(np.fft.rfft(frames * self._window)), dtype=np.float64)
        self._sum += power.sum(axis=0)
        self._count += len(frames)

    @property
    def has_sound(self) -> bool:
        """True if the power measured so far is above zero, up to rounding."""
        return bool(self._sum.max() > _TINY)

    def levels_db(self) -> np.ndarray:
        """Mean power of every bin, dB re the loudest after smoothing, float64 [2049]."""
        width = max(1, round(_SMOOTH_HZ * _N_FFT / self._rate))
        kernel = np.ones(width) / width
        smooth = np.convolve(np.pad(self._sum, width, mode="edge"), kernel, mode="same")[width:-width]
        return 10 * np.log10(np.maximum(smooth / max(smooth.max(), _TINY), _TINY))

    def curve(self) -> np.ndarray:
        """Levels at `CENTRES`, dB re the mean over them, float32 [64]; NaN above half the sample rate."""
        bins = np.linspace(0, self._rate / 2, _N_FFT // 2 + 1)
        levels = np.interp(CENTRES, bins, self.levels_db(), right=np.nan)
        return (levels - np.nanmean(levels)).astype(np.float32)

    def end(self) -> UpperEnd:
        """Upper end of the spectrum: its edge, else the last frequency within 70 dB of its maximum."""
        levels = self.levels_db()
        edge = _edge(levels, self._rate)
        if edge is not None:
            return UpperEnd(edge, True)
        last = int(np.flatnonzero(levels > -_QUIET_DB)[-1])
        return UpperEnd(last * self._rate / _N_FFT, False)


def _edge(levels: np.ndarray, sample_rate: int) -> float | None:
    """Frequency of the first fall by `_DROP_DB` within 400 Hz that no rise follows, Hz; None without one."""
    width = sample_rate / _N_FFT
    near, far, span = (round(hertz / width) for hertz in (_NEAR, _FAR, _SPAN))
    candidates = np.arange(round(_LOWEST_EDGE / width), len(levels) - far - span)
    if not len(candidates):
        return None
    sums = np.concatenate([[0.0], np.cumsum(levels)])
    below = (sums[candidates - near] - sums[candidates - near - span]) / span
    above = (sums[candidates + far + span] - sums[candidates + far]) / span
    loudest_above = np.maximum.accumulate(levels[::-1])[::-1][candidates + far]
    drop = np.minimum(below - above, below - loudest_above)
    steep = np.flatnonzero(drop >= _DROP_DB)
    if not len(steep):
        return None
    fallen = levels[candidates[steep[0]] :] < below[steep[0]] - _DROP_DB / 2
    return float((candidates[steep[0]] + fallen.argmax()) * width)
