"""Losses of the vocoder beside the adversarial one: pure functions of waveforms, spectra and features."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from pipelines.audio.features import log_mel
from pipelines.audio.spec import AudioSpec

FLOOR = 1e-7**0.5
"""Magnitudes below this are silence, as in `pipelines.metrics.distances`."""
_TINY = 1e-12
"""Under a root, so that it has a gradient at 0."""


def multi_stft(truth: tf.Tensor, made: tf.Tensor, resolutions: Sequence[int]) -> tuple[tf.Tensor, tf.Tensor]:
    """Yamamoto et al. 2020, "Parallel WaveGAN", equations 4 to 6, hops a quarter of the windows.

    Args:
        truth: float32 [batch, samples].
        made: of the same shape.
        resolutions: FFT and window lengths.

    Returns:
        Spectral convergence and mean |difference| of log magnitudes (nepers), meaned over resolutions.
    """
    pairs = [(magnitudes(truth, n_fft), magnitudes(made, n_fft)) for n_fft in resolutions]
    convergence = [spectral_convergence(a, b) for a, b in pairs]
    difference = [log_difference(a, b) for a, b in pairs]
    return tf.add_n(convergence) / len(pairs), tf.add_n(difference) / len(pairs)


def magnitudes(waveform: tf.Tensor, n_fft: int) -> tf.Tensor:
    """Hann-windowed spectra, hops a quarter of a window, no padding: [batch, frames, n_fft / 2 + 1].

    Off zero under the root, where the gradient of a magnitude would be infinite.
    """
    spectra = tf.signal.stft(waveform, n_fft, n_fft // 4)
    real, imaginary = tf.math.real(spectra), tf.math.imag(spectra)
    return tf.sqrt(real * real + imaginary * imaginary + FLOOR**2)


def spectral_convergence(truth: tf.Tensor, made: tf.Tensor) -> tf.Tensor:
    """Mean over the batch of || a - b || / || a ||, each over a clip's frames and bins."""
    distance, size = (tf.sqrt(tf.reduce_sum(x * x, [1, 2]) + _TINY) for x in (truth - made, truth))
    return tf.reduce_mean(distance / size)


def log_difference(truth: tf.Tensor, made: tf.Tensor) -> tf.Tensor:
    """Mean |difference| of the logarithms of magnitudes, none below `FLOOR`."""
    truth, made = (tf.math.log(tf.maximum(x, FLOOR)) for x in (truth, made))
    return tf.reduce_mean(tf.abs(truth - made))


def mel_error(spec: AudioSpec, truth: tf.Tensor, made: tf.Tensor) -> tf.Tensor:
    """Mean |difference| of the scaled log-mels of waveforms [batch, samples]."""
    seen = (log_mel(spec, waveform, center=False) for waveform in (truth, made))
    return tf.reduce_mean(tf.abs(next(seen) - next(seen)))


def feature_matching(truth: Sequence[tf.Tensor], made: Sequence[tf.Tensor]) -> tf.Tensor:
    """Mean over a discriminator's layers of mean |difference| (Kumar et al. 2019, "MelGAN", equation 3).

    Args:
        truth: what it sees in recordings.
        made: in what the vocoder makes, the same shapes.
    """
    pairs = zip(truth, made, strict=True)
    terms = [tf.reduce_mean(tf.abs(tf.stop_gradient(a) - b)) for a, b in pairs]
    return tf.add_n(terms) / len(terms)
