"""Pitches of a piano, and where a mel spectrum has them; without Keras."""

from __future__ import annotations

import numpy as np

from pipelines.audio.mel_filters import mel_frequencies
from pipelines.audio.spec import AudioSpec

LOWEST, PITCHES = 21, 88
"""MIDI pitch of the lowest key of a piano, and how many keys it has."""

BINS = 2
"""Positions of a semitone."""


def interpolation(spec: AudioSpec, harmonic: float) -> np.ndarray:
    """Weights [n_mels, PITCHES * BINS] that read a spectrum at a multiple of every half semitone's frequency.

    A semitone's two positions lie a quarter tone apart around its pitch.
    """
    midi = LOWEST + (np.arange(PITCHES * BINS) - (BINS - 1) / 2) / BINS
    hertz = 440.0 * 2 ** ((midi - 69) / 12)
    place = np.interp(hertz * harmonic, mel_frequencies(spec), np.arange(spec.n_mels), right=np.nan)
    below = np.floor(np.nan_to_num(place)).astype(int).clip(0, spec.n_mels - 2)
    share = np.nan_to_num(place) - below
    matrix = np.zeros((spec.n_mels, len(midi)), np.float32)
    columns = np.arange(len(midi))
    matrix[below, columns], matrix[below + 1, columns] = 1 - share, share
    return np.where(np.isnan(place), np.float32(0), matrix)
