"""Discriminators of waveforms, by spectra at several resolutions and samples folded by several periods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import layers, ops

from pipelines.nn.precision import EXACT
from vocoder.losses import magnitudes

_DEPTH = 4


class ResolutionDiscriminator(keras.Model):
    """2-D convolutions on the log magnitudes of one resolution (Jang et al. 2021, "UnivNet", section 2.3).

    Called on waveforms [batch, samples]; returns every layer's output, the logits last.
    """

    def __init__(self, n_fft: int, channels: int, **kwargs: Any) -> None:
        super().__init__(dtype=EXACT, **kwargs)
        self.n_fft = n_fft
        self.steps = [
            layers.Conv2D(channels * min(2**i, 4), (3, 7), (1, 4 if i == 0 else 2), "same", name=f"step{i}")
            for i in range(_DEPTH)
        ]
        self.logits = layers.Conv2D(1, 3, padding="same", dtype=EXACT, name="logits")

    def call(self, waveform: Any) -> list[Any]:
        """Features, then logits."""
        x = tf.math.log(magnitudes(waveform, self.n_fft))[..., None]
        return _outputs(x, self.steps, self.logits)


class PeriodDiscriminator(keras.Model):
    """Convolutions along every `period`-th sample (Kong et al. 2020, "HiFi-GAN", section 2.3).

    Called on waveforms [batch, samples]; returns every layer's output, the logits last.
    """

    def __init__(self, period: int, channels: int, **kwargs: Any) -> None:
        super().__init__(dtype=EXACT, **kwargs)
        self.period = period
        self.steps = [
            layers.Conv2D(channels * min(2**i, 8), (5, 1), (3, 1), "same", name=f"step{i}")
            for i in range(_DEPTH)
        ]
        self.logits = layers.Conv2D(1, (3, 1), padding="same", dtype=EXACT, name="logits")

    def call(self, waveform: Any) -> list[Any]:
        """Features, then logits."""
        samples = waveform.shape[1] // self.period * self.period
        x = ops.reshape(waveform[:, :samples], (-1, samples // self.period, self.period, 1))
        return _outputs(x, self.steps, self.logits)


class WaveformDiscriminator(keras.Model):
    """Discriminators of all resolutions and periods.

    Called on waveforms [batch, samples]; returns one list as `ResolutionDiscriminator`'s for each.
    """

    def __init__(
        self, resolutions: Sequence[int], periods: Sequence[int], channels: int, **kwargs: Any
    ) -> None:
        super().__init__(dtype=EXACT, **kwargs)
        self.discriminators: list[keras.Model] = [
            *(ResolutionDiscriminator(n_fft, channels, name=f"spectrum{n_fft}") for n_fft in resolutions),
            *(PeriodDiscriminator(period, channels, name=f"period{period}") for period in periods),
        ]

    def call(self, waveform: Any) -> list[list[Any]]:
        """Features and logits of each."""
        return [each(waveform) for each in self.discriminators]


def build_discriminator(
    resolutions: Sequence[int], periods: Sequence[int], channels: int, samples: int
) -> WaveformDiscriminator:
    """Discriminator with its weights built, so that a checkpoint finds them.

    Args:
        resolutions: FFT lengths.
        periods: samples.
        channels: width of the narrowest layer.
        samples: of a clip.
    """
    discriminator = WaveformDiscriminator(resolutions, periods, channels, name="discriminator")
    discriminator(ops.zeros((1, samples)))
    return discriminator


def _outputs(x: Any, steps: Sequence[Any], logits: Any) -> list[Any]:
    outputs = []
    for step in steps:
        x = ops.leaky_relu(step(x), 0.2)
        outputs.append(x)
    return [*outputs, logits(x)]
