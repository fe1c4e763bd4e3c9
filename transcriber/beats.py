"""Beats of a song, from the onsets of its note posteriors."""

from __future__ import annotations

import librosa
import numpy as np

from pipelines.audio.spec import AudioSpec
from transcriber.piano_roll import Roll

_LEAST = 4
"""Fewest beats of a tempo map."""
_TEMPO_SECONDS = 240.0


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
    # The tempogram has hundreds of numbers a frame: of a long song, that of its middle is enough.
    spare = max(len(strength) - round(_TEMPO_SECONDS * spec.frame_rate), 0) // 2
    rate, hop = spec.sample_rate, spec.hop_length
    middle = strength[spare : len(strength) - spare]
    tempo = librosa.feature.tempo(onset_envelope=middle, sr=rate, hop_length=hop)
    _, beats = librosa.beat.beat_track(
        onset_envelope=strength, bpm=tempo, sr=rate, hop_length=hop, units="time"
    )
    return np.asarray(beats, np.float64) if len(beats) >= _LEAST else np.zeros(0)
