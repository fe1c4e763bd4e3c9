"""Input features of the networks: scaled log-mel spectrograms, computed in the graph."""

from __future__ import annotations

import tensorflow as tf

from pipelines.audio.mel import magnitude_to_mel
from pipelines.audio.scaling import scale
from pipelines.audio.spec import AudioSpec
from pipelines.audio.stft import stft


def log_mel(spec: AudioSpec, waveform: tf.Tensor, *, center: bool = True) -> tf.Tensor:
    """Log-mel spectrograms of waveforms, equal to librosa's Slaney mel of the magnitude.

    Args:
        spec: parameters of the STFT and the mel bands.
        waveform: float32 [batch, samples].
        center: true for frames centred on multiples of the hop (see `stft`); crops from inside a song are
            uncentred, so that no frame contains padding.

    Returns:
        float32 [batch, frames, n_mels, 1], see `scaling.scale`.
    """
    return stft_to_log_mel(spec, stft(spec, waveform, center=center))


def stft_to_log_mel(spec: AudioSpec, spectra: tf.Tensor) -> tf.Tensor:
    """Log-mel spectrograms [batch, frames, n_mels, 1] of complex64 STFTs [batch, frames, bins]."""
    return magnitude_to_log_mel(spec, tf.abs(spectra))


def magnitude_to_log_mel(spec: AudioSpec, magnitude: tf.Tensor) -> tf.Tensor:
    """Log-mel spectrograms [batch, frames, n_mels, 1] of magnitudes [batch, frames, bins]."""
    return scale(tf.math, spec, magnitude_to_mel(spec, magnitude))[..., None]
