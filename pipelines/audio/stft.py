"""Short-time Fourier transform and its exact inverse, in the TensorFlow graph, core ops only."""

from __future__ import annotations

import functools

import numpy as np
import tensorflow as tf

from pipelines.audio.spec import AudioSpec


@functools.lru_cache
def window(spec: AudioSpec) -> np.ndarray:
    """The periodic Hann window, float32 [n_fft].

    A NumPy constant and not a cached tensor: a tensor would belong to the graph that made it first.
    """
    phase = 2 * np.pi * np.arange(spec.n_fft) / spec.n_fft
    return (0.5 - 0.5 * np.cos(phase)).astype(np.float32)


def stft(spec: AudioSpec, waveform: tf.Tensor, *, center: bool = True) -> tf.Tensor:
    """Spectra of Hann-windowed frames, equal to librosa.stft(..., pad_mode="constant"), transposed.

    Args:
        spec: gives window, hop and FFT length.
        waveform: float32 [..., samples], at least n_fft of them when uncentred.
        center: frame t is centred on sample t * hop (the waveform is padded with zeros by half a
            window at both ends); otherwise it starts there.

    Returns:
        complex64 [..., frames, bins]; spec.frames(samples) frames when centred.
    """
    if center:
        waveform = _pad_last(waveform, spec.n_fft // 2, spec.n_fft // 2)
    frames = tf.signal.frame(waveform, spec.n_fft, spec.hop_length)
    return tf.signal.rfft(frames * window(spec))


def istft(spec: AudioSpec, spectra: tf.Tensor, length: tf.Tensor | int | None = None) -> tf.Tensor:
    """The waveform whose centred STFT is nearest in least squares (Griffin & Lim 1984, equation 6).

    Overlap-add of windowed frames over the overlap-add of squared windows. The denominator is
    computed for the frames that exist, so that the edges are as exact as the middle.

    Args:
        spec: gives window, hop and FFT length.
        spectra: complex64 [..., frames, bins], centred.
        length: samples wanted; spec.samples(frames) if None. The centred STFT of a waveform is
            inverted exactly for the length of that waveform.

    Returns:
        float32 [..., length].
    """
    count = tf.shape(spectra)[-2]
    total = overlap_add(spec, spectra) / window_energy(spec, count)
    return _fit_last(total[..., spec.n_fft // 2 :], spec.samples(count) if length is None else length)


def overlap_add(spec: AudioSpec, spectra: tf.Tensor) -> tf.Tensor:
    """Sum of the windowed frames of spectra [..., frames, bins]: float32 [..., span], padding included."""
    frames = tf.signal.irfft(spectra, [spec.n_fft]) * window(spec)
    return tf.signal.overlap_and_add(frames, spec.hop_length)


def window_energy(spec: AudioSpec, frames: tf.Tensor | int) -> tf.Tensor:
    """Overlap-add of so many squared windows: float32 [span], kept off zero where no window reaches."""
    squares = tf.tile((window(spec) ** 2)[None], [frames, 1])
    return tf.maximum(tf.signal.overlap_and_add(squares, spec.hop_length), 1e-8)


def _pad_last(tensor: tf.Tensor, before: tf.Tensor | int, after: tf.Tensor | int) -> tf.Tensor:
    """Zeros at both ends of the last axis."""
    kept = tf.zeros([tf.rank(tensor) - 1, 2], tf.int32)
    return tf.pad(tensor, tf.concat([kept, [[before, after]]], axis=0))


def _fit_last(tensor: tf.Tensor, length: tf.Tensor | int) -> tf.Tensor:
    """The last axis cut, or extended by zeros, to a length."""
    missing = tf.maximum(length - tf.shape(tensor)[-1], 0)
    return _pad_last(tensor[..., :length], 0, missing)
