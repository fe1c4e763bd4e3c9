"""Velocities of transcribed notes, from the level of their partials where they begin."""

from __future__ import annotations

import numpy as np

from pipelines.audio.scaling import to_db
from pipelines.audio.spec import AudioSpec
from pipelines.nn.pitches import BINS, LOWEST, PITCHES, interpolation

_HARMONICS = (1.0, 2.0, 3.0)
_ATTACK = 0.09
"""Seconds in which a note reaches its level."""
_LOUD, _LOUD_SHARE = 112, 0.95
"""Velocity of the loud notes of a song, and the share of its notes that are not louder."""
_DB_PER_DECADE = 40.0


def pitch_levels(spec: AudioSpec, log_mel: np.ndarray) -> np.ndarray:
    """Level of each pitch: the sum of the energies of its first three partials.

    Args:
        spec: of the log-mel.
        log_mel: [frames, n_mels].

    Returns:
        float32 [frames, PITCHES], decibels.
    """
    levels = np.asarray(to_db(spec, np.asarray(log_mel, np.float32)))
    power = np.zeros((len(levels), PITCHES), np.float32)
    for harmonic in _HARMONICS:
        # A semitone's two positions lie around its pitch; harmonics above the highest band have no weights.
        weights = interpolation(spec, harmonic).reshape(-1, PITCHES, BINS).mean(axis=2)
        power += np.where(weights.any(axis=0), 10 ** (levels @ weights / 10), 0.0)
    return 10 * np.log10(np.maximum(power, np.finfo(np.float32).tiny))


def velocities_of(spec: AudioSpec, notes: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """MIDI velocities of notes, relative to the loud notes of the song.

    General MIDI's recommended curve, 40 log10(velocity / 127) dB (MIDI Manufacturers Association,
    "General MIDI 2", section 3.4).

    Args:
        spec: gives the frame rate.
        notes: [notes, 3]: start and end in seconds, MIDI pitch.
        levels: see `pitch_levels`.

    Returns:
        int64 [notes], 1 to 127.
    """
    if not len(notes):
        return np.zeros(0, np.int64)
    first = np.clip(np.round(notes[:, 0] * spec.frame_rate).astype(np.int64), 0, len(levels) - 1)
    keys = np.round(notes[:, 2]).astype(np.int64) - LOWEST
    reach = np.arange(round(_ATTACK * spec.frame_rate) + 1)
    near = np.minimum(first[:, None] + reach, len(levels) - 1)
    found = levels[near, keys[:, None]].astype(np.float64).max(axis=1)
    velocity = _LOUD * 10 ** ((found - np.quantile(found, _LOUD_SHARE)) / _DB_PER_DECADE)
    return np.clip(np.round(velocity), 1, 127).astype(np.int64)
