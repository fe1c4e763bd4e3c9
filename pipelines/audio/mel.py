"""The mel filter bank, and linear magnitudes from mel magnitudes."""

from __future__ import annotations

import functools

import librosa
import numpy as np
import tensorflow as tf

from pipelines.audio.spec import AudioSpec

# Below this the multiplicative updates would divide by (nearly) nothing.
_TINY = 1e-8
# Magnitude of the bins that a clipped pseudo-inverse would pin to zero: an update cannot revive a zero.
_CLIP = 1e-5


@functools.lru_cache
def mel_matrix(spec: AudioSpec) -> np.ndarray:
    """librosa's Slaney-scale, area-normalised filter bank, transposed: float32 [bins, n_mels].

    tf.signal's own is HTK-scaled, leaves out the DC bin and is not normalised.
    """
    filters = librosa.filters.mel(
        sr=spec.sample_rate,
        n_fft=spec.n_fft,
        n_mels=spec.n_mels,
        fmin=spec.fmin,
        fmax=spec.fmax,
        htk=False,
        norm="slaney",
        dtype=np.float32,
    )
    return np.ascontiguousarray(filters.T)


@functools.lru_cache
def mel_inverse(spec: AudioSpec) -> np.ndarray:
    """The pseudo-inverse of the filter bank: float32 [n_mels, bins]."""
    return np.linalg.pinv(mel_matrix(spec).astype(np.float64)).astype(np.float32)


def magnitude_to_mel(spec: AudioSpec, magnitude: tf.Tensor) -> tf.Tensor:
    """Mel magnitudes float32 [..., n_mels] of linear magnitudes float32 [..., bins]."""
    return tf.linalg.matmul(magnitude, mel_matrix(spec))


def mel_to_magnitude(
    spec: AudioSpec, mel: tf.Tensor, *, start: tf.Tensor | None = None, iterations: int = 10
) -> tf.Tensor:
    """Non-negative linear magnitudes whose mel magnitudes are (nearly) the given ones.

    Multiplicative updates for the generalised Kullback-Leibler divergence (Lee & Seung 2001) with a
    fixed dictionary, the filter bank W: x <- x * ((mel / x W) W') / (1 W').

    Args:
        spec: gives the filter bank.
        mel: float32 [..., frames, n_mels], non-negative.
        start: float32 [..., frames, bins] magnitudes whose fine structure is to be kept where the
            mel leaves a choice; None starts from the clipped pseudo-inverse.
        iterations: number of updates.

    Returns:
        float32 [..., frames, bins].
    """
    matrix = tf.constant(mel_matrix(spec))
    reach = tf.maximum(tf.reduce_sum(matrix, axis=1), _TINY)
    magnitude = tf.linalg.matmul(mel, mel_inverse(spec)) if start is None else start
    magnitude = tf.maximum(magnitude, _CLIP)
    for _ in range(iterations):
        ratio = mel / tf.maximum(tf.linalg.matmul(magnitude, matrix), _TINY)
        magnitude *= tf.linalg.matmul(ratio, matrix, transpose_b=True) / reach
    return magnitude
