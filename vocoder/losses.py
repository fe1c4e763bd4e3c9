"""Losses of the vocoder beside the adversarial one, and descriptions of its metrics."""

from __future__ import annotations

import math
from collections.abc import Sequence

import tensorflow as tf

from pipelines.audio.features import log_mel
from pipelines.audio.spec import AudioSpec

FLOOR = 1e-7**0.5
"""Magnitudes below this are silence, as in `pipelines.metrics.distances`."""
QUIET = 1e-3
"""RMS level, -60 dBFS: the error of clips that are quieter is relative to it, for songs have silences."""
_TINY = 1e-12
"""Under a root, so that it has a gradient at 0."""


def multi_stft(
    truth: tf.Tensor, generated: tf.Tensor, resolutions: Sequence[int]
) -> tuple[tf.Tensor, tf.Tensor]:
    """Multi-resolution STFT loss (Yamamoto et al. 2020, "Parallel WaveGAN", equations 4 to 6).

    Hops are a quarter of the windows.

    Args:
        truth: float32 [batch, samples].
        generated: of the same shape.
        resolutions: FFT and window lengths.

    Returns:
        Spectral convergence and mean |difference| of log magnitudes (nepers), meaned over resolutions.
    """
    pairs = [(magnitudes(truth, n_fft), magnitudes(generated, n_fft)) for n_fft in resolutions]
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


def spectral_convergence(truth: tf.Tensor, generated: tf.Tensor) -> tf.Tensor:
    """Mean over the batch of || a - b || / || a ||, each over a clip's frames and bins.

    Args:
        truth: magnitudes [batch, frames, bins]; a clip that is quieter than `QUIET` counts as that loud.
        generated: of the same shape.
    """
    distance, size = (tf.sqrt(tf.reduce_sum(x * x, [1, 2]) + _TINY) for x in (truth - generated, truth))
    frames, bins = truth.shape[1:]
    # Noise of that level, in Hann windows, whose mean square is 3/8.
    quiet = QUIET * math.sqrt(3 / 8 * 2 * (bins - 1) * frames * bins)
    return tf.reduce_mean(distance / tf.maximum(size, quiet))


def log_difference(truth: tf.Tensor, generated: tf.Tensor) -> tf.Tensor:
    """Mean |difference| of the logarithms of magnitudes, none below `FLOOR`."""
    truth, generated = (tf.math.log(tf.maximum(x, FLOOR)) for x in (truth, generated))
    return tf.reduce_mean(tf.abs(truth - generated))


def mel_error(spec: AudioSpec, truth: tf.Tensor, generated: tf.Tensor) -> tf.Tensor:
    """Mean |difference| of the scaled log-mels of waveforms [batch, samples]."""
    log_mels = [log_mel(spec, waveform, center=False) for waveform in (truth, generated)]
    return tf.reduce_mean(tf.abs(log_mels[0] - log_mels[1]))


def feature_matching(truth: Sequence[tf.Tensor], generated: Sequence[tf.Tensor]) -> tf.Tensor:
    """Mean over a discriminator's layers of mean |difference| (Kumar et al. 2019, "MelGAN", equation 3).

    Args:
        truth: feature maps of recordings; no gradient flows into them.
        generated: feature maps of the vocoder's output, the same shapes.
    """
    pairs = zip(truth, generated, strict=True)
    terms = [tf.reduce_mean(tf.abs(tf.stop_gradient(a) - b)) for a, b in pairs]
    return tf.add_n(terms) / len(terms)


METRIC_DESCRIPTIONS = {
    "stft/convergence": "Spectral convergence at three resolutions. Falls fast for some hundred steps.",
    "stft/log_magnitude": "Mean difference of log magnitudes at three resolutions, nepers. Falls fast, then "
    "slowly; noise keeps it from falling below about a half.",
    "mel": "Mean absolute error of the log-mel (1 is half the spec's range). Falls to about 0.01.",
    "amplitude": "Mean difference of log magnitudes before the inverse STFT, nepers. Falls likewise.",
    "adversarial": "Generator loss, 0 before the discriminators are used.",
    "features": "Feature matching loss, 0 before the discriminators are used. Falls slowly.",
    "discriminator": "Hinge loss of the discriminators: 2 at chance; 0 before they are used.",
    "gates/discriminator": "1 from the step on in which the discriminators are used.",
    "learning_rate/vocoder": "Learning rate: warm-up, constant, then linear to zero at the end.",
    "learning_rate/discriminator": "Learning rate of the discriminators, likewise, 0 before they are used.",
}
