"""Decoding of note posteriors to notes and drum strokes."""

from __future__ import annotations

import itertools

import numpy as np
from scipy import ndimage

from pipelines.audio.spec import AudioSpec
from pipelines.nn.pitches import LOWEST
from transcriber.piano_roll import Roll

SOUNDING, ONSET, STROKE = 0.4, 0.4, 0.4
"""Thresholds of the probabilities that a pitch sounds, that it begins, and that a drum is struck."""

_APART = 0.05
"""Least distance between two onsets of a pitch, seconds."""
_GAP = 0.035
"""Longest gap below the threshold that does not end a note, seconds."""
_NEAR, _SWELL = 4, 8
"""Longest distance between an onset and its sound, and least length of a note without onset, in frames."""


def notes_of(spec: AudioSpec, posteriors: Roll) -> np.ndarray:
    """Notes of posteriors: they begin where an onset's probability peaks and last while the pitch sounds.

    A pitch that sounds without an onset (a voice that swells) begins where it starts to sound, if it lasts.

    Args:
        spec: audio spec, for the frame rate.
        posteriors: note posteriors.

    Returns:
        float64 [notes, 3]: start and end in seconds, MIDI pitch; by start, then by pitch.
    """
    found = [
        (start, end, LOWEST + key)
        for key in range(posteriors.sounding.shape[1])
        for start, end in _spans(*_of_key(spec, posteriors, key))
    ]
    notes = np.array(sorted(found, key=lambda note: (note[0], note[2])), np.float64).reshape(-1, 3)
    notes[:, :2] /= spec.frame_rate
    return notes


def _of_key(spec: AudioSpec, posteriors: Roll, key: int) -> tuple[np.ndarray, np.ndarray]:
    """Activity of one key, short gaps closed, and its onsets: bool [frames] each."""
    gap = max(round(_GAP * spec.frame_rate), 1)
    on = posteriors.sounding[:, key] >= SOUNDING
    struck = peaks(spec, posteriors.onset[:, key : key + 1].astype(np.float32), ONSET)[:, 0]
    return on | ndimage.binary_closing(on, np.ones(gap + 1)), struck


def strokes_of(spec: AudioSpec, posteriors: Roll) -> np.ndarray:
    """Drum strokes, float64 [strokes, 2]: seconds, index in DRUM_CLASSES."""
    frames, classes = np.nonzero(peaks(spec, posteriors.drums.astype(np.float32), STROKE))
    return np.stack([frames / spec.frame_rate, classes], axis=1)


def peaks(spec: AudioSpec, probability: np.ndarray, least: float) -> np.ndarray:
    """Mask of the local maxima of at least `least` in each column of [frames, n]: bool, the same shape.

    Of equal neighbours, the middle one is marked.
    """
    near = 2 * max(round(_APART * spec.frame_rate / 2), 1) + 1
    highest = ndimage.maximum_filter1d(probability, near, axis=0, mode="constant")
    flat = ((probability >= least) & (probability == highest)).T
    edges = np.diff(np.pad(flat, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    (column, first), (_, end) = np.nonzero(edges == 1), np.nonzero(edges == -1)
    peak = np.zeros(probability.shape, bool)
    peak[(first + end - 1) // 2, column] = True
    return peak


def _spans(on: np.ndarray, begins: np.ndarray) -> list[tuple[int, int]]:
    """(first frame, end frame) of each note of one pitch."""
    swells = [start for start in _rises(on) if not begins[max(start - _NEAR, 0) : start + _NEAR + 1].any()]
    starts = sorted([*np.flatnonzero(begins), *swells])
    spans = [(start, _end(on, start, after)) for start, after in itertools.pairwise([*starts, len(on)])]
    return [(start, end) for start, end in spans if end - start >= (_SWELL if start in swells else 1)]


def _rises(on: np.ndarray) -> np.ndarray:
    return np.flatnonzero(on & ~np.pad(on[:-1], (1, 0)))


def _end(on: np.ndarray, start: int, after: int) -> int:
    """End frame of the note that begins at `start`: its first silent frame, at most `after`."""
    first = start + int(np.argmax(on[start : start + _NEAR + 1]))
    silent = np.flatnonzero(~on[first:after])
    return first + int(silent[0]) if len(silent) else after
