"""Layers on log-mel maps [batch, frames, mels, channels].

None of them mixes anything over time but convolutions, and those see a declared number of frames, so
that a song translated window by window equals the song translated whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

register = keras.saving.register_keras_serializable(package="coverband")


@register
class MelStandardize(layers.Layer):
    """(x - mean[mel]) / deviation[mel]: each mel band in units of its domain's own spread.

    The statistics are weights, set once from data by `set_statistics` and not trained. With
    `invert`, the layer maps standard units back: x * deviation[mel] + mean[mel].

    Input and output: [batch, frames, mels, channels].
    """

    def __init__(self, invert: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.invert = invert

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Makes the two statistics, [mels, 1] each: the identity until they are set."""
        shape = (input_shape[2], 1)
        self.mean = self.add_weight(name="mean", shape=shape, initializer="zeros", trainable=False)
        self.deviation = self.add_weight(name="deviation", shape=shape, initializer="ones", trainable=False)

    def call(self, x: Any) -> Any:
        """Applies the map."""
        if self.invert:
            return x * self.deviation + self.mean
        return (x - self.mean) / self.deviation

    def set_statistics(self, mean: np.ndarray, deviation: np.ndarray) -> None:
        """Sets mean and deviation, [mels] each, in log-mel units."""
        self.mean.assign(np.reshape(mean, (-1, 1)))
        self.deviation.assign(np.reshape(deviation, (-1, 1)))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "invert": self.invert}


@register
class HarmonicStack(layers.Layer):
    """Adds, as channels, what the same frame has at multiples and fractions of each band's frequency.

    A small kernel then sees a band together with its harmonics, wherever they lie (harmonic
    stacking, Bittner et al. 2017, "Deep salience representations for F0 estimation"). Reading
    between two bands is linear; outside the range the value is `silence`.

    Input [batch, frames, mels, 1]; output [batch, frames, mels, len(ratios)].

    Attributes:
        frequencies: centre of each mel band, Hz.
        ratios: the frequency ratios, one channel each; 1.0 is the input itself.
    """

    def __init__(self, frequencies: Sequence[float], ratios: Sequence[float], silence: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.frequencies = [float(f) for f in frequencies]
        self.ratios = [float(r) for r in ratios]
        self.silence = silence

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Bakes where each band of each channel reads, and how much of either neighbour it takes."""
        centres = np.asarray(self.frequencies)
        targets = np.outer(self.ratios, centres)
        position = np.interp(targets, centres, np.arange(len(centres)))
        self._low = np.floor(position).astype(np.int32)
        self._high = np.minimum(self._low + 1, len(centres) - 1)
        self._share = (position - self._low).astype(np.float32).T
        self._inside = ((targets >= centres[0]) & (targets <= centres[-1])).astype(np.float32).T

    def call(self, x: Any) -> Any:
        """Gathers the channels."""
        flat = ops.squeeze(x, axis=-1)
        low, high = (ops.stack([ops.take(flat, i, axis=2) for i in index], axis=-1) for index in (self._low, self._high))
        return ((1 - self._share) * low + self._share * high) * self._inside + self.silence * (1 - self._inside)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        own = {"frequencies": self.frequencies, "ratios": self.ratios, "silence": self.silence}
        return {**super().get_config(), **own}


@register
class MelEmbedding(layers.Layer):
    """Adds a learned value per band and channel, so that a convolution knows which frequency it reads.

    Input and output: [batch, frames, mels, channels].
    """

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Makes the embedding [mels, channels]."""
        self.embedding = self.add_weight(name="embedding", shape=tuple(input_shape[2:]), initializer=keras.initializers.RandomNormal(stddev=0.02))

    def call(self, x: Any) -> Any:
        """Adds it."""
        return x + self.embedding


@register
class PixelShuffle(layers.Layer):
    """Depth to space: channels become `frames` x `mels` finer positions (Shi et al. 2016).

    Input [batch, t, m, frames * mels * c]; output [batch, t * frames, m * mels, c].
    """

    def __init__(self, frames: int, mels: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.frames, self.mels = frames, mels

    def call(self, x: Any) -> Any:
        """Rearranges."""
        batch, time, bands, channels = ops.shape(x)
        depth = channels // (self.frames * self.mels)
        x = ops.reshape(x, (batch, time, bands, self.frames, self.mels, depth))
        x = ops.transpose(x, (0, 1, 3, 2, 4, 5))
        return ops.reshape(x, (batch, time * self.frames, bands * self.mels, depth))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "frames": self.frames, "mels": self.mels}


@register
class BandMixer(layers.Layer):
    """One dense map over all mel bands, shared by the channels, in every frame apart: far harmonics meet.

    Input and output: [batch, frames, mels, channels].
    """

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Makes the [mels, mels] matrix and the bias."""
        bands = input_shape[2]
        self.kernel = self.add_weight(name="kernel", shape=(bands, bands), initializer="glorot_uniform")
        self.bias = self.add_weight(name="bias", shape=(bands, 1), initializer="zeros")

    def call(self, x: Any) -> Any:
        """Multiplies over the mel axis."""
        return ops.einsum("mn,btmc->btnc", self.kernel, x) + self.bias
