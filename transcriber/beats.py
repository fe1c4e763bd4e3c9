"""Beats of a song, from the onsets of its note posteriors."""

from __future__ import annotations

import librosa
import numpy as np

from pipelines.audio.spec import AudioSpec
from transcriber.piano_roll import Roll

_LEAST = 4
"""Fewest beats of a tempo map."""
_PART_SECONDS = 30.0


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
    rate, hop = spec.sample_rate, spec.hop_length
    # A tempogram has hundreds of numbers a frame: that of a long song would take gigabytes.
    parts = np.array_split(strength, max(len(strength) // round(_PART_SECONDS * spec.frame_rate), 1))
    grams = (librosa.feature.tempogram(onset_envelope=part, sr=rate, hop_length=hop) for part in parts)
    mean = np.mean([gram.mean(axis=1) for gram in grams], axis=0)
    tempo = librosa.feature.tempo(tg=mean[:, None], sr=rate, hop_length=hop)
    _, beats = librosa.beat.beat_track(
        onset_envelope=strength, bpm=tempo, sr=rate, hop_length=hop, units="time"
    )
    return np.asarray(beats, np.float64) if len(beats) >= _LEAST else np.zeros(0)
