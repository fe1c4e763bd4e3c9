"""Beats of a song, from the onsets of its note posteriors."""

from __future__ import annotations

import librosa
import numpy as np

from pipelines.audio.spec import AudioSpec
from transcriber.piano_roll import Roll

_LEAST = 4
"""Fewest beats of a tempo map."""


def beats_of(spec: AudioSpec, posteriors: Roll) -> np.ndarray:
    """Beats by dynamic programming over onsets (Ellis 2007, "Beat tracking by dynamic programming").

    Args:
        spec: gives the frame rate.
        posteriors: note posteriors of a song.

    Returns:
        float64 [beats], seconds; empty where there are too few of them.
    """
    strength = posteriors.onset.sum(axis=1, dtype=np.float32) + posteriors.drums.sum(axis=1, dtype=np.float32)
    if not strength.any():
        return np.zeros(0)
    _, beats = librosa.beat.beat_track(
        onset_envelope=strength, sr=spec.sample_rate, hop_length=spec.hop_length, units="time"
    )
    return np.asarray(beats, np.float64) if len(beats) >= _LEAST else np.zeros(0)
