"""Hum: tones or chords that never stop in a cover, and that its source does not have."""

from __future__ import annotations

import librosa
import numpy as np
from scipy import ndimage

from pipelines.metrics.waveforms import resampled

HUM_DB = -25.0
"""Level of a hum, relative to the cover, from which the cover is faulty.

Measured on up to 90 s of 38 real recordings: none exceeds it as it is, filtered (all -100) or heavily
distorted (at most -39); 2 do as the echo of a two-second reverberation alone (-24). With a chord 20 dB below
it 37 are found.
"""

_RATE, _N_FFT, _HOP = 22050, 4096, 2048
_SECONDS = 30
"""Length of a window; in windows of 10 s, chords that are held in real songs look like a hum."""
_FLOOR_QUANTILE = 0.1
_BINS = 41
"""Bins (220 Hz) with whose median a bin is compared."""
_PROMINENCE_DB = 12.0
"""Least height of a tone above its neighbours; noise without pitch has less."""
_EXCESS_DB = 10.0
"""Least height above the source's own floor."""
_TOLERANCE = 5
"""Bins (27 Hz) within which the source may have the tone: a quarter-tone at 400 Hz."""
_SILENT_DB = -100.0


def hum_level(cover: np.ndarray, source: np.ndarray, sample_rate: int) -> float:
    """Level of the steady tones of a cover that are not in its source.

    The floor of a frequency bin is the 10 % quantile of its power over 30 s: notes and strokes leave it, a
    steady tone raises it to its own level, under music, too. Bins whose floor stands out from their
    neighbours', and from the source's floor, are a hum; its level is that of the loudest window.

    It means something only where source and cover are the same song: another song may hold notes that the
    source lacks (13 of 38 copies of another song are above HUM_DB).

    Args:
        cover: float [samples], mono.
        source: float [samples], aligned with the cover; the longer of the two is cut.
        sample_rate: of both, Hz.

    Returns:
        Decibels relative to the cover's mean power; -100 without hum; HUM_DB or more is a fault; NaN if the
        cover is silent.
    """
    length = min(len(cover), len(source))
    if not np.any(cover[:length]):
        return float("nan")
    floor, allowed = (_floors(waveform[:length], sample_rate) for waveform in (cover, source))
    around = ndimage.median_filter(floor, size=(_BINS, 1))
    allowed = ndimage.maximum_filter1d(allowed, _TOLERANCE, axis=0)
    hum = (_db(floor) > _db(around) + _PROMINENCE_DB) & (_db(floor) > _db(allowed) + _EXCESS_DB)
    return float(max(_SILENT_DB, _db(np.where(hum, floor, 0).sum(axis=0)).max()))


def _floors(waveform: np.ndarray, sample_rate: int) -> np.ndarray:
    """Floors of all bins in windows of _SECONDS, relative to the recording's mean power: [bins, windows]."""
    samples = resampled(waveform, sample_rate, _RATE)
    samples = np.pad(samples, (0, max(0, _N_FFT - len(samples))))
    power = np.abs(librosa.stft(samples, n_fft=_N_FFT, hop_length=_HOP, center=False)) ** 2
    power /= max(float(power.sum(axis=0).mean()), 1e-20)
    width = min(round(_SECONDS * _RATE / _HOP), power.shape[1])
    starts = range(0, power.shape[1] - width + 1, max(1, width // 2))
    windows = [power[:, start : start + width] for start in starts]
    return np.stack([np.quantile(window, _FLOOR_QUANTILE, axis=1) for window in windows], axis=1)


def _db(power: np.ndarray) -> np.ndarray:
    return 10 * np.log10(np.maximum(power, 1e-20))
