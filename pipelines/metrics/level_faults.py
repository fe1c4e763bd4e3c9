"""Faults in the level of a cover: passages that are far too loud, and passages that are missing."""

from __future__ import annotations

import numpy as np

from pipelines.audio.loudness import LoudnessMeter
from pipelines.metrics.waveforms import rms

RUNAWAY_LU = 8.0
"""Level runaway from which a cover is faulty.

Measured on up to 120 s of 76 real recordings: at most 2.9 for a strong filter, 4.2 for soft clipping; a rise
of 18 dB during four seconds is at least 8 in 74 of them, and in 2 happens in passages too quiet for it.
"""
DROPOUT_SHARE = 0.02
"""Share of dropouts from which a cover is faulty; filtered, clipped or not, those recordings have none."""

_STEPS_A_SECOND = 10
_SHORT_TERM = 30
"""Steps of the short-term loudness of EBU Tech 3341: 3 s."""
_SILENT_LUFS = -70.0
"""Loudness below which a window counts as silent: the absolute gate of BS.1770."""
_FRAME_SECONDS = 0.4
_LOUD_QUANTILE = 0.9
"""Quantile of the frames' levels that is a recording's level; changed little by pauses and by outbursts."""
_PAUSE_DB, _DROPOUT_DB = 30.0, 30.0


def level_runaway(cover: np.ndarray, source: np.ndarray, sample_rate: int) -> float:
    """Largest rise of a cover's short-term loudness over its median that the source does not share.

    Short-term loudness (3 s, K-weighted: EBU Tech 3341), each recording's relative to its own median. A rise
    in the source at the same time is subtracted, a fall is not: a cover that is as loud in a quiet passage as
    elsewhere is no runaway. The median, not the integrated loudness, which an outburst raises.

    Args:
        cover: float [samples], mono.
        source: float [samples], aligned with the cover; the longer of the two is cut.
        sample_rate: of both, Hz.

    Returns:
        Loudness units; 0 or less for the source itself; RUNAWAY_LU or more is a fault; NaN if either is
        silent.
    """
    length = min(len(cover), len(source))
    rises = []
    for waveform in (cover[:length], source[:length]):
        loudness = _short_term_loudness(waveform, sample_rate)
        audible = loudness > _SILENT_LUFS
        if not audible.any():
            return float("nan")
        rises.append(loudness - np.median(loudness[audible]))
    return float((rises[0] - np.maximum(rises[1], 0)).max())


def dropout_share(cover: np.ndarray, source: np.ndarray, sample_rate: int) -> float:
    """Share of the source's audible time in which the cover is silent, or 30 dB below the source's level.

    Frames of 0.4 s, each recording's level relative to its own 90 % quantile; the source is audible in frames
    within 30 dB of it.

    Args:
        cover: float [samples], mono.
        source: float [samples], aligned with the cover; what the cover lacks at its end is silent.
        sample_rate: of both, Hz.

    Returns:
        0 to 1; DROPOUT_SHARE or more is a fault; NaN if the source is silent.
    """
    cover = np.pad(cover[: len(source)], (0, max(0, len(source) - len(cover))))
    source_db, cover_db = (_relative_levels(waveform, sample_rate) for waveform in (source, cover))
    audible = source_db > -_PAUSE_DB
    if not audible.any():
        return float("nan")
    return float(np.mean(cover_db[audible] < source_db[audible] - _DROPOUT_DB))


def _short_term_loudness(waveform: np.ndarray, sample_rate: int) -> np.ndarray:
    """LUFS of windows of 3 s every 0.1 s; one window for a shorter recording; -inf for silence."""
    energies = LoudnessMeter(sample_rate, 1).add(np.asarray(waveform, np.float64)[:, np.newaxis])
    steps = np.array([part.mean() for part in _frames(energies, sample_rate // _STEPS_A_SECOND)])
    width = min(_SHORT_TERM, len(steps))
    if not width:
        return np.zeros(0)
    means = np.convolve(steps, np.ones(width) / width, mode="valid")
    with np.errstate(divide="ignore"):
        return -0.691 + 10 * np.log10(np.maximum(means, 0))


def _relative_levels(waveform: np.ndarray, sample_rate: int) -> np.ndarray:
    """Levels of frames in dB relative to their 90 % quantile; -inf for silence."""
    levels = np.array([rms(frame) for frame in _frames(waveform, round(_FRAME_SECONDS * sample_rate))])
    loud = np.quantile(levels, _LOUD_QUANTILE) if len(levels) else 0.0
    with np.errstate(divide="ignore"):
        return 20 * np.log10(levels / loud) if loud else np.full(len(levels), -np.inf)


def _frames(values: np.ndarray, length: int) -> list[np.ndarray]:
    """Parts of equal length; what is left at the end is left out, unless there is nothing else."""
    whole = len(values) // length * length or len(values)
    return [values[start : start + length] for start in range(0, whole, length)]
