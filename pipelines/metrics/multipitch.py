"""Multipitch estimation without trained weights.

Harmonic sums with iterative cancellation (Klapuri 2006, "Multiple fundamental frequency estimation by summing
harmonic amplitudes") on a constant-Q spectrum, where harmonics have the same distances for every pitch.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import librosa
import mir_eval
import numpy as np
from scipy import ndimage

from pipelines.metrics.waveforms import resampled, unit_rms

SAMPLE_RATE, HOP_LENGTH = 22050, 1024
LOWEST, HIGHEST = 33, 93
"""Range of MIDI pitches: A1 to A6."""

_BINS_A_SEMITONE, _OCTAVES = 3, 7.5
_SHORTEST = 3 * SAMPLE_RATE
"""Length of the lowest constant-Q filters; shorter recordings are padded with silence."""
# Tuned on eleven songs of the demo's training sets, seven instruments and the band; not on its truth.
_COMPRESSION = 0.5
_HARMONICS, _DECAY = 10, 1.1
_CANCELLED, _CANCELLED_DECAY = 1.3, 1.6
"""Higher harmonics are cancelled less than they are counted, because those of other notes coincide."""
_VOICES = 6
"""Largest number of pitches per frame."""
_QUIETER, _SILENT = 0.35, 0.15
"""Smallest salience of a pitch, relative to the frame's most salient pitch, and to those of the song."""
_MEDIAN = 7
"""Frames (0.3 s) of the median filter; shorter gaps and blips than half of that are removed."""


class Pitches(NamedTuple):
    """Active pitches: times in seconds [frames], and the MIDI pitches of each frame."""

    times: np.ndarray
    midi: list[np.ndarray]


class MultipitchScores(NamedTuple):
    """Accuracy (hits / (hits + misses + false alarms)), precision and recall, counted over all frames."""

    accuracy: float
    precision: float
    recall: float


def estimate(waveform: np.ndarray, sample_rate: int) -> Pitches:
    """Estimates the active pitches from LOWEST to HIGHEST every 46 ms.

    Args:
        waveform: float [samples], mono.
        sample_rate: Hz.

    Returns:
        Whole semitones at A4 = 440 Hz.
    """
    samples = unit_rms(resampled(waveform, sample_rate, SAMPLE_RATE))
    frames = 1 + len(samples) // HOP_LENGTH
    roll = _piano_roll(_spectrum(samples)[:, :frames])
    return Pitches(_times(frames), [LOWEST + np.flatnonzero(frame).astype(float) for frame in roll.T])


def multipitch_scores(notes: np.ndarray, waveform: np.ndarray, sample_rate: int) -> MultipitchScores:
    """Scores of the pitches of a recording against its score.

    Args:
        notes: float [notes, 3]: start and end in seconds, MIDI pitch.
        waveform: float [samples], mono.
        sample_rate: Hz.

    Returns:
        1 for equal notes; 0 if none agrees, or either has none.
    """
    return scores_of_pitches(notes, estimate(waveform, sample_rate))


def scores_of_pitches(notes: np.ndarray, pitches: Pitches) -> MultipitchScores:
    """`multipitch_scores` of an estimate, see `estimate`."""
    return _scores(sounding(notes, pitches.times), pitches)


def pitch_jaccard_distance(one: Pitches, other: Pitches) -> float:
    """Jaccard distance of two estimates, 1 - accuracy, the longer one cut; symmetric.

    Pitches are counted over all frames, as in mir_eval; Cifka et al. 2021 average the distances of frames,
    which is 0.01 to 0.04 lower on the demo's pairs.

    Args:
        one: an estimate.
        other: an estimate.

    Returns:
        0 for equal pitches, and for two silences; 1 if no pitch is shared.
    """
    frames = min(len(one.times), len(other.times))
    one, other = (Pitches(pitches.times[:frames], pitches.midi[:frames]) for pitches in (one, other))
    if not _count(one) and not _count(other):
        return 0.0
    return 1.0 - _scores(one, other).accuracy


def sounding(notes: np.ndarray, times: np.ndarray) -> Pitches:
    """Active pitches of a score at given times.

    Args:
        notes: float [notes, 3]: start and end in seconds, MIDI pitch.
        times: seconds, [frames].
    """
    on = (notes[:, :1] <= times) & (times < notes[:, 1:2])
    return Pitches(times, [np.unique(notes[frame, 2]) for frame in on.T])


def _scores(reference: Pitches, found: Pitches) -> MultipitchScores:
    """Scores of mir_eval for estimates at the same times, without its chroma scores, which are slow."""
    counts = [np.array([len(pitches) for pitches in each.midi]) for each in (reference, found)]
    if not all(count.any() for count in counts):
        return MultipitchScores(0.0, 0.0, 0.0)
    hits = mir_eval.multipitch.compute_num_true_positives(reference.midi, found.midi)
    precision, recall, accuracy = mir_eval.multipitch.compute_accuracy(hits, *counts)
    return MultipitchScores(float(accuracy), float(precision), float(recall))


def _count(pitches: Pitches) -> int:
    return sum(map(len, pitches.midi))


def _times(frames: int) -> np.ndarray:
    return np.arange(frames) * (HOP_LENGTH / SAMPLE_RATE)


def _spectrum(samples: np.ndarray) -> np.ndarray:
    """Peaks of the compressed constant-Q magnitudes, [bins, frames]; bin 1 is the middle of LOWEST."""
    samples = np.pad(samples, (0, max(0, _SHORTEST - len(samples))))
    octave = 12 * _BINS_A_SEMITONE
    spectrum = librosa.cqt(
        samples,
        sr=SAMPLE_RATE,
        hop_length=HOP_LENGTH,
        fmin=librosa.midi_to_hz(LOWEST - 1 / _BINS_A_SEMITONE),
        n_bins=round(_OCTAVES * octave) + 2,
        bins_per_octave=octave,
        tuning=0.0,
    )
    magnitudes = np.abs(spectrum) ** _COMPRESSION
    return np.where(_neighbours(magnitudes) == magnitudes, magnitudes, 0.0)


def _piano_roll(spectrum: np.ndarray) -> np.ndarray:
    """Piano roll of the active pitches, bool [pitches, frames]."""
    weights, cancelled = _templates(len(spectrum), _DECAY), _templates(len(spectrum), _CANCELLED_DECAY)
    weights = weights / weights.sum(axis=1, keepdims=True)
    left, frames = spectrum.copy(), np.arange(spectrum.shape[1])
    roll, going = np.zeros((len(weights), len(frames)), bool), np.ones(len(frames), bool)
    least = _least((weights @ _neighbours(left)).max(axis=0))
    for _ in range(_VOICES):
        salience = np.where(roll, -1.0, weights @ _neighbours(left))
        best, value = salience.argmax(axis=0), salience.max(axis=0)
        going &= value > least
        roll[best[going], frames[going]] = True
        left -= _CANCELLED * _neighbours(cancelled[best].T * np.where(going, value, 0.0))
        np.maximum(left, 0, out=left)
    return ndimage.median_filter(roll.astype(np.uint8), size=(1, _MEDIAN)) > 0


def _least(first: np.ndarray) -> np.ndarray:
    """Smallest salience of a pitch in every frame, given the largest of each frame."""
    return np.maximum(_QUIETER * first, _SILENT * np.percentile(first, 95))


def _neighbours(spectrum: np.ndarray) -> np.ndarray:
    """Maximum of each bin and its neighbours: tolerates a detuning of a third of a semitone."""
    return ndimage.maximum_filter1d(spectrum, 3, axis=0)


@functools.lru_cache
def _templates(bins: int, decay: float) -> np.ndarray:
    """Harmonic templates, [pitches, bins]: harmonic k has the weight k ** -decay."""
    templates = np.zeros((HIGHEST - LOWEST + 1, bins))
    for pitch, template in enumerate(templates):
        for harmonic in range(1, _HARMONICS + 1):
            position = round(1 + _BINS_A_SEMITONE * (pitch + 12 * np.log2(harmonic)))
            if position < bins:
                template[position] = harmonic**-decay
    return templates
