"""Agreement of a rendering with its score: pitches by chroma similarity, and onset delay."""

from __future__ import annotations

from collections.abc import Sequence

import librosa
import numpy as np
import soxr

from tools.rendering import chroma, synth
from tools.rendering.midi import DRUMS
from tools.rendering.scores import Note

CHROMA, MARGIN = 0.4, 0.05
"""Least chroma similarity to the score, before effects, and least margin over all transpositions.

Fast notes and drums lower all similarities; the margin detects wrong pitches."""
DELAY = 0.03
"""Largest onset delay, seconds, beside the attack time."""

_RATE, _HOP, _FRAME = 22050, 110, 512
_SEARCHED = 0.15
_WIDTH = 0.012


def chroma_to_score(samples: np.ndarray, notes: Sequence[Note]) -> tuple[float, float]:
    """Chroma similarity of a recording to its notes, and to their most similar transposition.

    Args:
        samples: float32 [samples, 2] at synth.SAMPLE_RATE.
        notes: notes in seconds; drums are ignored.

    Returns:
        Similarity to the notes, similarity to the transposition.
    """
    measured = chroma.of_recording(samples, synth.SAMPLE_RATE)
    expected = chroma.of_notes([note for note in notes if note.voice != DRUMS], measured.shape[1])
    similarities = [chroma.similarity(measured, np.roll(expected, shift, axis=0)) for shift in range(12)]
    return similarities[0], max(similarities[1:])


def onset_delay(samples: np.ndarray, notes: Sequence[Note]) -> float:
    """Delay of a recording after its notes, by the cross-correlation of onsets.

    Args:
        samples: float32 [samples, channels] at synth.SAMPLE_RATE.
        notes: notes in seconds.

    Returns:
        Seconds from -0.15 to 0.15, in steps of 5 ms.
    """
    downmix = soxr.resample(samples.mean(axis=1), synth.SAMPLE_RATE, _RATE)
    strength = librosa.onset.onset_strength(y=downmix, sr=_RATE, hop_length=_HOP, n_fft=_FRAME)
    onsets = _onsets(notes, len(strength))
    strength = strength - strength.mean()
    most = round(_SEARCHED * _RATE / _HOP)
    lags = range(-most, most + 1)
    return max(lags, key=lambda lag: float(strength @ np.roll(onsets, lag))) * _HOP / _RATE


def _onsets(notes: Sequence[Note], frames: int) -> np.ndarray:
    """Sum of Gaussians at the onsets, [frames]."""
    times = np.arange(frames) * _HOP / _RATE
    onsets = np.zeros(frames)
    for note in notes:
        onsets += np.exp(-0.5 * ((times - note.start) / _WIDTH) ** 2)
    return onsets
