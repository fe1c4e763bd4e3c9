"""Short-time Fourier transform and its exact inverse, in the TensorFlow graph, core ops only."""

from __future__ import annotations

import tensorflow as tf

from pipelines.audio.hann import MIN_ENERGY, window
from pipelines.audio.spec import AudioSpec


def stft(spec: AudioSpec, waveform: tf.Tensor, *, center: bool = True) -> tf.Tensor:
    """STFT with a Hann window, equal to the transpose of librosa.stft(..., pad_mode="constant").

    Args:
        spec: hop and FFT length.
        waveform: float32 [..., samples], at least n_fft of them when uncentred.
        center: true for frames centred on sample t * hop (the waveform is zero-padded by half a window at
            both ends); false for frames that start there.

    Returns:
        complex64 [..., frames, bins]; spec.frames(samples) frames when centred.
    """
    if center:
        waveform = _pad_last(waveform, spec.n_fft // 2, spec.n_fft // 2)
    frames = tf.signal.frame(waveform, spec.n_fft, spec.hop_length)
    return tf.signal.rfft(frames * window(spec))


def istft(spec: AudioSpec, spectra: tf.Tensor, length: tf.Tensor | int | None = None) -> tf.Tensor:
    """Least-squares inverse of the centred STFT (Griffin & Lim 1984, equation 6).

    Overlap-add of windowed frames divided by the overlap-add of squared windows. The denominator
    includes only existing frames, so that the edges are as exact as the middle.

    Args:
        spec: hop and FFT length.
        spectra: complex64 [..., frames, bins], centred.
        length: number of samples; None for spec.samples(frames). With the length of a waveform, its
            centred STFT is inverted exactly.

    Returns:
        float32 [..., length].
    """
    count = tf.shape(spectra)[-2]
    total = overlap_add(spec, spectra) / window_energy(spec, count)
    return _fit_last(total[..., spec.n_fft // 2 :], spec.samples(count) if length is None else length)


def overlap_add(spec: AudioSpec, spectra: tf.Tensor) -> tf.Tensor:
    """Overlap-add of the windowed frames of spectra [..., frames, bins]: float32 [..., span], padded."""
    frames = tf.signal.irfft(spectra, [spec.n_fft]) * window(spec)
    return tf.signal.overlap_and_add(frames, spec.hop_length)


def window_energy(spec: AudioSpec, frames: tf.Tensor | int) -> tf.Tensor:
    """Overlap-add of squared windows: float32 [span], at least `MIN_ENERGY`."""
    squares = tf.tile((window(spec) ** 2)[None], [frames, 1])
    return tf.maximum(tf.signal.overlap_and_add(squares, spec.hop_length), MIN_ENERGY)


def _pad_last(tensor: tf.Tensor, before: tf.Tensor | int, after: tf.Tensor | int) -> tf.Tensor:
    """Last axis zero-padded at both ends."""
    kept = tf.zeros([tf.rank(tensor) - 1, 2], tf.int32)
    return tf.pad(tensor, tf.concat([kept, [[before, after]]], axis=0))


def _fit_last(tensor: tf.Tensor, length: tf.Tensor | int) -> tf.Tensor:
    """Last axis cut, or zero-padded, to a length."""
    missing = tf.maximum(length - tf.shape(tensor)[-1], 0)
    return _pad_last(tensor[..., :length], 0, missing)
