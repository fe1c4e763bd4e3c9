"""Content metrics: agreement of two recordings in melody and onsets, on whatever instruments."""

from __future__ import annotations

import librosa
import mir_eval
import numpy as np

from pipelines.metrics.waveforms import resampled, unit_rms

SAMPLE_RATE = 22050
ONSET_WINDOW = 0.05
"""Seconds by which an onset may be early or late (the usual tolerance of MIREX)."""

_CQT_HOP, _ONSET_HOP = 512, 256
_LOWEST, _SEMITONES = 48, 60
_SHORTEST = 2 * SAMPLE_RATE
"""The lowest constant-Q filters do not fit into less; what is shorter is filled up with silence."""
_QUIET = 0.01
"""A frame that is this much weaker than the loudest one (-40 dB) has no melody."""


def cqt_top_correlation(reference: np.ndarray, estimate: np.ndarray, sample_rate: int) -> float:
    """Correlation of the strongest constant-Q bin's track, frame by frame (CQT1-PCC).

    Pearson's coefficient of the two bins' numbers (semitones); frames in which either is silent are left out.
    Where several voices are about as loud, the strongest bin depends on who plays: on the demo's four-part
    pairs it is 0.05 to 0.22 for the same notes, and within 0.1 of 0 for others. It suits single melodies.

    Args:
        reference: float [samples], mono.
        estimate: float [samples]; what is longer is cut.
        sample_rate: of both, Hz.

    Returns:
        1 for the same track; about 0 for unrelated ones; 0 when either never moves, or none is heard.
    """
    length = min(len(reference), len(estimate))
    one, other = (top_bins(samples[:length], sample_rate) for samples in (reference, estimate))
    heard = np.isfinite(one) & np.isfinite(other)
    one, other = one[heard], other[heard]
    if np.array_equal(one, other):
        return float(len(one) > 0)
    return float(np.corrcoef(one, other)[0, 1]) if np.ptp(one) and np.ptp(other) else 0.0


def top_bins(waveform: np.ndarray, sample_rate: int) -> np.ndarray:
    """The strongest semitone of every frame of 23 ms, from C3 to B7.

    Args:
        waveform: float [samples], mono.
        sample_rate: Hz.

    Returns:
        MIDI numbers, float64 [frames]; NaN where the recording is silent.
    """
    samples = _prepared(waveform, sample_rate)
    samples = np.pad(samples, (0, max(0, _SHORTEST - len(samples))))
    lowest = librosa.midi_to_hz(_LOWEST)
    spectra = librosa.cqt(
        samples, sr=SAMPLE_RATE, hop_length=_CQT_HOP, fmin=lowest, n_bins=_SEMITONES, tuning=0.0
    )
    magnitudes = np.abs(spectra)
    level = magnitudes.max(axis=0)
    heard = (level > 0) & (level >= _QUIET * level.max())
    return np.where(heard, _LOWEST + magnitudes.argmax(axis=0), np.nan)


def onset_f1(reference: np.ndarray, estimate: np.ndarray, sample_rate: int) -> float:
    """F-measure of the estimate's onsets against the reference's, within 50 ms.

    Onsets by librosa (peaks of the spectral flux, Boeck et al. 2012), compared by mir_eval.onset.

    Args:
        reference: float [samples], mono.
        estimate: float [samples]; what is longer is cut.
        sample_rate: of both, Hz.

    Returns:
        1 for the same onsets; 0 when none agrees, or either has none.
    """
    length = min(len(reference), len(estimate))
    return onset_f1_of_times(
        *(onset_times(samples[:length], sample_rate) for samples in (reference, estimate))
    )


def onset_f1_of_times(reference: np.ndarray, estimate: np.ndarray) -> float:
    """`onset_f1` of onsets already found, or of a score's: seconds in order, [onsets] each."""
    if not len(reference) or not len(estimate):
        return 0.0
    return float(mir_eval.onset.f_measure(reference, estimate, window=ONSET_WINDOW)[0])


def onset_times(waveform: np.ndarray, sample_rate: int) -> np.ndarray:
    """When notes begin.

    Args:
        waveform: float [samples], mono.
        sample_rate: Hz.

    Returns:
        Seconds in order, float64 [onsets].
    """
    samples = _prepared(waveform, sample_rate)
    if not samples.any():
        return np.zeros(0)
    return librosa.onset.onset_detect(y=samples, sr=SAMPLE_RATE, hop_length=_ONSET_HOP, units="time")


def _prepared(waveform: np.ndarray, sample_rate: int) -> np.ndarray:
    """At SAMPLE_RATE and root-mean-square 1."""
    return unit_rms(resampled(waveform, sample_rate, SAMPLE_RATE))
