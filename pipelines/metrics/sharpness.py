"""Sharpness: contrast of neighbouring cells of a log-mel spectrum, which blur lowers and granularity raises.

Measured on 30 s each of 19 real recordings, as ratios (time / frequency): a Gaussian blur of 2 frames gives
0.18 to 0.38 / 0.64 to 0.96, one of 1 band 0.70 to 0.91 / 0.43 to 0.61, independent noise of 3 dB in all cells
1.19 to 1.84 / 1.09 to 1.47. White noise in the waveform, 30 dB below it, fills the valleys, as blur does:
0.84 to 0.99 / 0.73 to 0.99.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

RANGE_DB = 60.0
"""Range below the song's peak in which cells are audible, dB."""
_PEAK_QUANTILE = 0.95
"""Quantile of the frames' peaks that is the song's: a few frames that are too loud do not change it."""


class Contrast(NamedTuple):
    """Mean absolute difference of neighbouring frames (`time`) and bands (`frequency`), dB or a ratio."""

    time: float
    frequency: float


def contrast(log_mel: np.ndarray) -> Contrast:
    """Mean absolute differences from frame to frame and from band to band.

    Cells more than RANGE_DB below the song's peak are raised to that level, and pairs in which both cells are
    below it are left out: an attack out of silence counts with its audible height, silence does not count.
    Absolute differences, because they have heavy tails, which would dominate a standard deviation.

    Args:
        log_mel: dB, [n_mels, frames], at any level. Contrasts of different mel scales or hops do not compare.

    Returns:
        In decibels; NaN if no pair is audible: in a song of one frame, or of silence (equal cells
        everywhere).
    """
    if not log_mel.size or not np.ptp(log_mel):
        return Contrast(float("nan"), float("nan"))
    floor = np.quantile(log_mel.max(axis=0), _PEAK_QUANTILE) - RANGE_DB
    audible, cells = log_mel > floor, np.maximum(np.asarray(log_mel, np.float64), floor)
    return Contrast(_mean_difference(cells, audible, axis=1), _mean_difference(cells, audible, axis=0))


def sharpness(log_mel: np.ndarray, band: Sequence[Contrast]) -> Contrast:
    """Contrast of a cover as ratio to that of the band's songs.

    Args:
        log_mel: of the cover, dB, [n_mels, frames].
        band: contrast of each of the band's songs; all have equal weight, songs without contrast none.

    Returns:
        1 for the band's own, less for blur, more for noise; NaN for silence and without songs.
    """
    own = contrast(log_mel)
    songs = np.array([song for song in band if np.isfinite(song).all()]).reshape(-1, 2)
    if not len(songs):
        return Contrast(float("nan"), float("nan"))
    time, frequency = songs.mean(axis=0)
    return Contrast(float(own.time / time), float(own.frequency / frequency))


def _mean_difference(cells: np.ndarray, audible: np.ndarray, axis: int) -> float:
    """Mean absolute difference of the pairs along an axis of which at least one cell is audible."""
    axis_last, mask = np.moveaxis(cells, axis, 1), np.moveaxis(audible, axis, 1)
    differences = np.abs(np.diff(axis_last, axis=1))[mask[:, 1:] | mask[:, :-1]]
    return float(differences.mean()) if len(differences) else float("nan")
