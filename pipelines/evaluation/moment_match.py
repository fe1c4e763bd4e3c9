"""Moment match, a baseline: equalises a song over time to the mean and deviation of the band per mel band.

It keeps every note and stroke, and reaches the band's long-term spectrum and dynamics: models have to exceed
that.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from pipelines.audio.spec import AudioSpec
from pipelines.audio.stft import istft, stft
from pipelines.evaluation.mel_levels import MelLevels, bin_gains, decibels, mel_magnitudes

_LEAST_DEVIATION = 1.0
"""Smallest deviation that a band of the source is divided by, dB: keeps silence from being amplified."""
_MOST_GAIN = 40.0
"""Largest gain and attenuation, dB."""


def moment_match(spec: AudioSpec, waveform: np.ndarray, target: MelLevels) -> np.ndarray:
    """Changes the level of every mel band over time so that its moments are the band's; the phase stays.

    A level x of a band becomes (x - source mean) / source deviation * target deviation + target mean.

    Args:
        spec: gives frames and mel bands.
        waveform: float32 [samples], mono, at the loudness at which `target` was measured.
        target: levels of the band's songs.

    Returns:
        float32 [samples].
    """
    spectra = stft(spec, tf.constant(waveform))
    levels = decibels(spec, mel_magnitudes(spec, spectra))
    mean, deviation = levels.mean(axis=0), np.maximum(levels.std(axis=0), _LEAST_DEVIATION)
    matched = (levels - mean) / deviation * target.deviation + target.mean
    gains = bin_gains(spec, np.clip(matched - levels, -_MOST_GAIN, _MOST_GAIN))
    return istft(spec, spectra * tf.cast(gains, tf.complex64), len(waveform)).numpy()
