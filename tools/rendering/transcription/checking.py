"""Checks of a rendering against its score: pitches by chroma similarity, and onset times."""

from __future__ import annotations

from collections.abc import Sequence

import librosa
import numpy as np
import soxr

from tools.rendering import chroma, synth
from tools.rendering.midi import DRUMS
from tools.rendering.scores import Note

CHROMA, MARGIN = 0.4, 0.05
"""Least similarity of a lesson to its score, before effects, and how much less that to any transposition is.

Fast music and drums lower all of these: the margin tells them from a wrong note."""
LATE = 0.03
"""Seconds by which a lesson's onsets may be off its score's."""

_RATE, _HOP, _FRAME = 22050, 110, 512
_SEARCHED = 0.15
_WIDTH = 0.012


def chroma_to_score(samples: np.ndarray, notes: Sequence[Note]) -> tuple[float, float]:
    """Chroma similarity of a recording to its notes, and to their most similar transposition.

    Args:
        samples: float32 [samples, 2] at synth.SAMPLE_RATE.
        notes: in seconds; drums do not count.

    Returns:
        Mean cosine of the chromas: to the notes; to the most similar transposition.
    """
    heard = chroma.of_recording(samples, synth.SAMPLE_RATE)
    written = chroma.of_notes([note for note in notes if note.voice != DRUMS], heard.shape[1])
    alike = [chroma.similarity(heard, np.roll(written, shift, axis=0)) for shift in range(12)]
    return alike[0], max(alike[1:])


def lateness(samples: np.ndarray, notes: Sequence[Note]) -> float:
    """Seconds by which what is heard comes after the notes: where their onsets correlate best.

    Args:
        samples: float32 [samples, channels] at synth.SAMPLE_RATE.
        notes: in seconds.

    Returns:
        Within 0.15 either way, in steps of 5 ms.
    """
    mono = soxr.resample(samples.mean(axis=1), synth.SAMPLE_RATE, _RATE)
    heard = librosa.onset.onset_strength(y=mono, sr=_RATE, hop_length=_HOP, n_fft=_FRAME)
    written = _onsets(notes, len(heard))
    heard = heard - heard.mean()
    most = round(_SEARCHED * _RATE / _HOP)
    lags = range(-most, most + 1)
    return max(lags, key=lambda lag: float(heard @ np.roll(written, lag))) * _HOP / _RATE


def _onsets(notes: Sequence[Note], frames: int) -> np.ndarray:
    """A bump at every onset [frames]."""
    times = np.arange(frames) * _HOP / _RATE
    written = np.zeros(frames)
    for note in notes:
        written += np.exp(-0.5 * ((times - note.start) / _WIDTH) ** 2)
    return written
