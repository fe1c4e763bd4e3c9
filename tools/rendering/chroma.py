"""Chroma of recordings and of scores, to compare their notes independently of the instruments."""

from __future__ import annotations

from collections.abc import Iterable

import librosa
import numpy as np
import soxr

from tools.rendering.scores import Note

_RATE, _HOP = 22050, 512


def of_recording(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Constant-Q chroma of the downmix of a recording.

    Args:
        samples: float32 [samples, channels].
        sample_rate: Hz.

    Returns:
        [12, frames], one frame per 23 ms.
    """
    downmix = soxr.resample(samples.mean(axis=1), sample_rate, _RATE)
    return librosa.feature.chroma_cqt(y=downmix, sr=_RATE, hop_length=_HOP)


def of_notes(notes: Iterable[Note], frames: int) -> np.ndarray:
    """Chroma of notes: the number of notes of each pitch class in each frame.

    Args:
        notes: notes with times in seconds.
        frames: number of frames.

    Returns:
        [12, frames], at the frame rate of `of_recording`.
    """
    chroma = np.zeros((12, frames), np.float32)
    for note in notes:
        start, end = (round(seconds * _RATE / _HOP) for seconds in (note.start, note.end))
        chroma[note.pitch % 12, start:end] += 1
    return chroma


def similarity(one: np.ndarray, other: np.ndarray) -> float:
    """Mean cosine similarity of two chromas [12, frames], over frames in which neither is silent."""
    norms = np.linalg.norm(one, axis=0) * np.linalg.norm(other, axis=0)
    sounding = norms > 0
    return float(np.mean((one * other).sum(axis=0)[sounding] / norms[sounding]))
