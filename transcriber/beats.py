"""Beats of a song, from the onsets of its note posteriors."""

from __future__ import annotations

import numpy as np
from scipy import fft

from pipelines.audio.hann import hann
from pipelines.audio.spec import AudioSpec
from transcriber.piano_roll import Roll

_LEAST = 4
"""Fewest beats of a tempo map."""
_LAGS = 384
"""Lags of the autocorrelation in which a tempo is looked for, and frames around each that it is of."""
_USUAL_TEMPO, _FASTEST_TEMPO = 120.0, 320.0
"""Beats a minute: the most probable tempo, from which octaves are counted, and the limit."""
_TIGHTNESS = 100.0
"""Weight of the squared logarithm of the ratio of a beat to the tempo's."""
_SMOOTHING = 32.0
"""Part of a beat that is the deviation of the onsets' smoothing."""
_BLOCK_FRAMES = 256
_TINY = np.finfo(np.float32).tiny


def beats_of(spec: AudioSpec, posteriors: Roll) -> np.ndarray:
    """Beats by dynamic programming over onsets (Ellis 2007, "Beat tracking by dynamic programming").

    They are those of `librosa.beat.beat_track`, whose compilation takes seconds in every process.

    Args:
        spec: gives the frame rate.
        posteriors: note posteriors of a song.

    Returns:
        float64 [beats], seconds; empty where there are too few of them.
    """
    strength = posteriors.onset.sum(axis=1, dtype=np.float32) + posteriors.drums.sum(axis=1, dtype=np.float32)
    if len(strength) < _LEAST or not strength.any():
        return np.zeros(0)
    period = round(spec.frame_rate * 60 / _tempo(strength, spec.frame_rate))
    found = _tracked(_smoothed(strength, period), period)
    return found / spec.frame_rate if len(found) >= _LEAST else np.zeros(0)


def _tempo(strength: np.ndarray, frame_rate: float) -> float:
    """Beats a minute: the lag of the largest mean autocorrelation, weighted by a log-normal prior."""
    correlation = _mean_autocorrelation(strength)
    tempos = 60 * frame_rate / np.arange(1, _LAGS)
    score = np.log1p(1e6 * correlation[1:]) - np.square(np.log2(tempos / _USUAL_TEMPO)) / 2
    score[tempos >= _FASTEST_TEMPO] = -np.inf
    return float(tempos[np.argmax(score)])


def _mean_autocorrelation(strength: np.ndarray) -> np.ndarray:
    """Mean over all frames of the autocorrelation around each, whose largest value is 1: [_LAGS]."""
    padded = np.pad(strength, _LAGS // 2, mode="linear_ramp", end_values=0.0)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _LAGS)[: len(strength)]
    window, total = hann(_LAGS), np.zeros(_LAGS)
    # By blocks: the autocorrelations of a long song would take gigabytes.
    for first in range(0, len(frames), _BLOCK_FRAMES):
        spectra = fft.rfft(frames[first : first + _BLOCK_FRAMES] * window, 2 * _LAGS)
        found = fft.irfft(np.square(spectra.real) + np.square(spectra.imag))[:, :_LAGS]
        total += (found / np.maximum(found[:, :1], _TINY)).sum(axis=0, dtype=np.float64)
    return total / len(frames)


def _smoothed(strength: np.ndarray, period: int) -> np.ndarray:
    """Onsets in units of their deviation, smoothed by a Gaussian a part of a beat wide."""
    around = np.arange(-period, period + 1)
    gaussian = np.exp(-np.square(around * (_SMOOTHING / period)) / 2)
    normalised = strength.astype(np.float64) / (strength.std(ddof=1, dtype=np.float64) + _TINY)
    return np.convolve(normalised, gaussian)[period : period + len(strength)]


def _tracked(strength: np.ndarray, period: int) -> np.ndarray:
    """Frames of the beats of the best sequence of beats, whose distances are near the period.

    A beat has its predecessor half a period to two periods before it, so that half a period is computed at
    once.
    """
    nearest, furthest = max(round(period / 2), 1), 2 * period
    distances = np.arange(nearest, furthest + 1)
    penalty = _TIGHTNESS * np.square(np.log(distances / period))
    # Minus infinity before the song.
    score = np.concatenate([np.full(furthest, -np.inf), strength])
    before = np.full(len(strength), -1)
    for first in range(0, len(strength), nearest):
        frames = np.arange(first, min(first + nearest, len(strength)))
        candidates = score[furthest + frames[:, None] - distances] - penalty
        best = candidates.argmax(axis=1)
        value = candidates[np.arange(len(frames)), best]
        linked = value > -np.inf
        score[furthest + frames[linked]] += value[linked]
        before[frames[linked]] = frames[linked] - distances[best[linked]]
    # No beat before the first onset.
    before[: np.argmax(strength >= 0.01 * strength.max())] = -1
    return _trimmed(_path(before, _last(score[furthest:])), strength)


def _last(score: np.ndarray) -> int:
    """Last peak of the score that is at least half as high as usual."""
    around = np.concatenate([[np.inf], score, [-np.inf]])
    peaks = np.flatnonzero((score > around[:-2]) & (score >= around[2:]))
    if not len(peaks):
        return len(score) - 1
    return int(peaks[score[peaks] >= np.median(score[peaks]) / 2][-1])


def _path(before: np.ndarray, last: int) -> np.ndarray:
    """Frames that lead to the last one, in rising order."""
    path = [last]
    while before[path[-1]] >= 0:
        path.append(int(before[path[-1]]))
    return np.array(path[::-1])


def _trimmed(beats: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """Beats between the first and the last frame that is half as strong as beats are."""
    smooth = np.convolve(strength[beats], np.hanning(5))[2:]
    strong = np.flatnonzero(strength > np.sqrt(np.square(smooth).mean()) / 2)
    return beats[(beats >= strong[0]) & (beats <= strong[-1])] if len(strong) else beats[:0]
