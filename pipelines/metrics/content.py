"""Content metrics: agreement of two recordings in melody and onsets, independent of their instruments."""

from __future__ import annotations

import librosa
import mir_eval
import numpy as np

from pipelines.metrics.waveforms import resampled, unit_rms

SAMPLE_RATE = 22050
ONSET_WINDOW = 0.05
"""Tolerance of onsets in seconds, as in MIREX."""

_CQT_HOP, _ONSET_HOP = 512, 256
_LOWEST, _SEMITONES = 48, 60
_SHORTEST = 2 * SAMPLE_RATE
"""Length of the lowest constant-Q filters; shorter recordings are padded with silence."""
_QUIET = 0.01
"""Level relative to the loudest frame (-40 dB) below which a frame is silent."""


def cqt_top_correlation(reference: np.ndarray, estimate: np.ndarray, sample_rate: int) -> float:
    """Correlation of the strongest constant-Q bins over frames (CQT1-PCC).

    Pearson's coefficient of the two tracks in semitones; frames in which either is silent are left out.
    If several voices are about equally loud, the strongest bin depends on the instruments: on the demo's
    four-part pairs it is 0.05 to 0.22 for the same notes, and within 0.1 of 0 for others. It suits single
    melodies.

    Args:
        reference: float [samples], mono.
        estimate: float [samples]; the longer of the two is cut.
        sample_rate: of both, Hz.

    Returns:
        1 for equal tracks; about 0 for unrelated ones; 0 if either is constant, or both never sound at once.
    """
    length = min(len(reference), len(estimate))
    one, other = (top_bins(samples[:length], sample_rate) for samples in (reference, estimate))
    voiced = np.isfinite(one) & np.isfinite(other)
    one, other = one[voiced], other[voiced]
    if np.array_equal(one, other):
        return float(len(one) > 0)
    return float(np.corrcoef(one, other)[0, 1]) if np.ptp(one) and np.ptp(other) else 0.0


def top_bins(waveform: np.ndarray, sample_rate: int) -> np.ndarray:
    """Strongest semitone of every frame of 23 ms, from C3 to B7.

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
    voiced = (level > 0) & (level >= _QUIET * level.max())
    return np.where(voiced, _LOWEST + magnitudes.argmax(axis=0), np.nan)


def onset_f1(reference: np.ndarray, estimate: np.ndarray, sample_rate: int) -> float:
    """F-measure of the estimate's onsets against the reference's, within 50 ms.

    Onsets by librosa (peaks of the spectral flux, Boeck et al. 2012), compared by mir_eval.onset.

    Args:
        reference: float [samples], mono.
        estimate: float [samples]; the longer of the two is cut.
        sample_rate: of both, Hz.

    Returns:
        1 for equal onsets; 0 if none agrees, or either has none.
    """
    length = min(len(reference), len(estimate))
    return onset_f1_of_times(
        *(onset_times(samples[:length], sample_rate) for samples in (reference, estimate))
    )


def onset_f1_of_times(reference: np.ndarray, estimate: np.ndarray) -> float:
    """`onset_f1` of onset times, sorted, seconds, [onsets] each."""
    if not len(reference) or not len(estimate):
        return 0.0
    return float(mir_eval.onset.f_measure(reference, estimate, window=ONSET_WINDOW)[0])


def onset_times(waveform: np.ndarray, sample_rate: int) -> np.ndarray:
    """Note onsets of a recording by librosa.

    Args:
        waveform: float [samples], mono.
        sample_rate: Hz.

    Returns:
        Seconds, sorted, float64 [onsets].
    """
    samples = _prepared(waveform, sample_rate)
    if not samples.any():
        return np.zeros(0)
    return librosa.onset.onset_detect(y=samples, sr=SAMPLE_RATE, hop_length=_ONSET_HOP, units="time")


def _prepared(waveform: np.ndarray, sample_rate: int) -> np.ndarray:
    """Waveform at SAMPLE_RATE and root-mean-square 1."""
    return unit_rms(resampled(waveform, sample_rate, SAMPLE_RATE))
