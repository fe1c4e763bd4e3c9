"""Layers on log-mel maps [batch, frames, mels, channels].

Those that stand between log-mels and networks compute in float32, whatever the networks compute in.
None of them mixes anything over time but convolutions, and those see a declared number of frames, so
that a song translated window by window equals the song translated whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from pipelines.nn.precision import EXACT

register = keras.saving.register_keras_serializable(package="coverband")


@register
class MelStandardize(layers.Layer):
    """(x - mean[mel]) / deviation[mel]: each mel band in units of its domain's own spread.

    The statistics are weights, set once from data by `set_statistics` and not trained. With
    `invert`, the layer maps standard units back: x * deviation[mel] + mean[mel].

    Input and output: [batch, frames, mels, channels].
    """

    def __init__(self, invert: bool = False, **kwargs: Any) -> None:
        super().__init__(**{"dtype": EXACT, **kwargs})
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
class LocalContrast(layers.Layer):
    """Local spectral contrast: each band minus the mean of the `width` bands around it, times `gain`.

    The contrast keeps the partials and removes the spectral envelope. Every frame is processed by itself, so
    that nothing is mixed over time. Timbre is for the most part the envelope and pitch is the position of the
    partials, so that the outputs for two instruments that play the same notes are more alike.

    Input and output: [batch, frames, mels, channels].
    """

    def __init__(self, width: int, gain: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**{"dtype": EXACT, **kwargs})
        self.width, self.gain = width, gain

    def call(self, x: Any) -> Any:
        """Subtracts the moving average over the bands that exist."""
        average = ops.average_pool(x, (1, self.width), strides=1, padding="same")
        return self.gain * (x - average)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "width": self.width, "gain": self.gain}


@register
class Bound(layers.Layer):
    """Soft bound: limit * tanh(x / limit), almost the identity far below the limit.

    Input and output: any shape.
    """

    def __init__(self, limit: float, **kwargs: Any) -> None:
        super().__init__(**{"dtype": EXACT, **kwargs})
        self.limit = limit

    def call(self, x: Any) -> Any:
        """Bounds the values."""
        return self.limit * ops.tanh(x / self.limit)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "limit": self.limit}


@register
class FrameLevel(layers.Layer):
    """The mean over the mel bands, in every band: how loud each frame is.

    Input [batch, frames, mels, channels]; output the same shape.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"dtype": EXACT, **kwargs})

    def call(self, x: Any) -> Any:
        """Averages each frame."""
        return ops.mean(x, axis=2, keepdims=True) + ops.zeros_like(x)


@register
class MelEmbedding(layers.Layer):
    """Adds a learned value per band and channel, so that a convolution knows which frequency it reads.

    Input and output: [batch, frames, mels, channels].
    """

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Makes the embedding [mels, channels]."""
        self.embedding = self.add_weight(
            name="embedding",
            shape=tuple(input_shape[2:]),
            initializer=keras.initializers.RandomNormal(stddev=0.02),
        )

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
class PixelUnshuffle(layers.Layer):
    """Space to depth, the inverse of `PixelShuffle`: `frames` x `mels` positions become channels of one.

    Input [batch, t * frames, m * mels, c]; output [batch, t, m, frames * mels * c].
    """

    def __init__(self, frames: int, mels: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.frames, self.mels = frames, mels

    def call(self, x: Any) -> Any:
        """Rearranges."""
        batch, time, bands, depth = ops.shape(x)
        x = ops.reshape(x, (batch, time // self.frames, self.frames, bands // self.mels, self.mels, depth))
        x = ops.transpose(x, (0, 1, 3, 2, 4, 5))
        return ops.reshape(
            x, (batch, time // self.frames, bands // self.mels, self.frames * self.mels * depth)
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "frames": self.frames, "mels": self.mels}
