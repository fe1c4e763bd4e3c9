"""Singing voice detection: an estimate from partials that move in parallel.

The partials of a voice rise and fall in parallel, in vibrato and from note to note; those of most
instruments are constant during a note. After Regnier and Peeters 2009, "Singing voice detection in music
tracks using direct voice vibrato detection", without their thresholds. The partials of bent guitars,
violins and trombones move in parallel, too, and a voice far below the band's level is missed: the estimate
distinguishes songs, not moments.

The threshold `PROBABLE` was set on real singers: on the first excerpt of 12 of MIR-1K (5 to 8 s, with
karaoke) and the 48 rendered pieces of the demo it has the best balanced accuracy, with 10 of the 12 mixes,
all 12 solo voices, none of the 12 accompaniments and 1 of the 48 pieces above it. On other recordings 4 of 5
solo voices, 2 of their 5 mixes (three produced songs, a choir, a song from separated stems), none of their
accompaniments, and 2 of 34 songs taken for instrumental are above it: singing that lies deep in a mix is
missed more often than not.
"""

from __future__ import annotations

import numpy as np

from pipelines.data.survey.frames import N_FFT, SAMPLE_RATE

PROBABLE = 0.08
"""Songs with a larger part of voice-like windows probably contain singing."""

_LOWEST, _HIGHEST = 19, 330
"""Range of bins in which partials are searched: 205 to 3553 Hz."""
_PARTIALS = 16
_RANGE = 1e-2
"""Smallest magnitude of a partial relative to the loudest of its frame (-40 dB)."""
_STEP_CENTS = 100.0
"""Largest movement of a partial between neighbouring frames."""
_LENGTH, _STRIDE = 12, 6
"""Length of a window in which partials are tracked (0.28 s), and its stride, frames."""
_MOVING_CENTS, _SMOOTHNESS, _PARALLEL, _RATIO = 12.0, 0.6, 0.93, 0.6
_TINY = 1e-9


class VoiceMeter:
    """Voice meter: part of the windows in which at least two partials move in parallel."""

    def __init__(self) -> None:
        """Starts a measurement."""
        self._windows, self._moving = 0, 0

    def add(self, magnitudes: np.ndarray) -> None:
        """Measures further frames, [1025, frames], see `Frames`; a block shorter than a window is ignored."""
        if magnitudes.shape[1] <= _LENGTH or not magnitudes.any():
            return
        contours, complete = _track(*_partials(magnitudes))
        self._windows += len(contours)
        self._moving += sum(
            _move_in_parallel(each[found].T) for each, found in zip(contours, complete, strict=True)
        )

    def share(self) -> float:
        """Part of voice-like windows, 0 to 1."""
        return self._moving / max(self._windows, 1)


def _partials(magnitudes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Strongest spectral peaks of every frame.

    Args:
        magnitudes: [1025, frames].

    Returns:
        Cents, by parabolic interpolation of log magnitudes, and a mask of the peaks: [frames, 16] each.
    """
    levels = np.log(np.maximum(magnitudes[: _HIGHEST + 1].T, _TINY))
    inner = levels[:, _LOWEST:_HIGHEST]
    is_peak = (inner > levels[:, _LOWEST - 1 : _HIGHEST - 1]) & (
        inner >= levels[:, _LOWEST + 1 : _HIGHEST + 1]
    )
    is_peak &= inner > inner.max(axis=1, keepdims=True) + np.log(_RANGE)
    heights = np.where(is_peak, inner, -np.inf)
    order = np.argpartition(-heights, _PARTIALS, axis=1)[:, :_PARTIALS]
    frames = np.arange(len(levels))[:, None]
    before, here, after = (levels[frames, order + _LOWEST + shift] for shift in (-1, 0, 1))
    bend = np.minimum(before - 2 * here + after, -_TINY)
    bins = order + _LOWEST + np.clip((before - after) / 2 / bend, -0.5, 0.5)
    return 1200 * np.log2(bins * SAMPLE_RATE / N_FFT), is_peak[frames, order]


def _track(cents: np.ndarray, is_peak: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tracks every partial of a window's first frame to its last.

    Args:
        cents: frequencies, [frames, partials].
        is_peak: mask of the peaks, bool [frames, partials].

    Returns:
        Contours, cents [windows, partials, 12], and a mask of the complete ones, bool [windows, partials].
    """
    both = is_peak[:-1, :, None] & is_peak[1:, None, :]
    apart = np.where(both, np.abs(cents[:-1, :, None] - cents[1:, None, :]), np.inf)
    following, near = apart.argmin(axis=2), apart.min(axis=2) < _STEP_CENTS
    starts = np.arange(0, len(cents) - _LENGTH, _STRIDE)[:, None]
    where = np.broadcast_to(np.arange(cents.shape[1]), (len(starts), cents.shape[1]))
    complete, contours = is_peak[starts[:, 0]].copy(), [cents[starts, where]]
    for step in range(_LENGTH - 1):
        complete &= near[starts + step, where]
        where = following[starts + step, where]
        contours.append(cents[starts + step + 1, where])
    return np.stack(contours, axis=-1), complete


def _move_in_parallel(contours: np.ndarray) -> bool:
    """True if at least two of the contours, cents [12, partials], move smoothly and in parallel."""
    _, different = np.unique(np.round(contours[-1]), return_index=True)
    moves = contours[:, different] - contours[:, different].mean(axis=0)
    energy = np.square(moves).sum(axis=0) + _TINY
    smooth = (moves[1:] * moves[:-1]).sum(axis=0) / energy > _SMOOTHNESS
    moving = smooth & (energy > _LENGTH * _MOVING_CENTS**2)
    if moving.sum() < 2:
        return False
    moves, size = moves[:, moving], np.sqrt(energy[moving])
    alike = (moves.T @ moves) / np.outer(size, size) > _PARALLEL
    alike &= np.divide.outer(size, size) > _RATIO
    alike &= alike.T
    return bool((alike.sum(axis=0) >= 2).any())
