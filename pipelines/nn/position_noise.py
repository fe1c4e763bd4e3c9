"""Noise that depends on the position in a song, so that a song in windows has the noise of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf
from keras import layers

from pipelines.nn.blocks import register
from pipelines.nn.philox import NUMBERS
from pipelines.nn.precision import EXACT

_PHILOX = 1
"""Number of the Philox generator among TensorFlow's (`tf.random.Algorithm`)."""


@register
class PositionNoise(layers.Layer):
    """Standard normal noise, the same for every element of a batch.

    Philox counts its blocks (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"), so the noise
    of any frame is found without that of the frames before it. XLA draws other numbers.

    Inputs: a tensor [batch, frames, ...], whose shape is used, and the number of its first frame within the
    song, int32 [batch], of which the first is used. Output [batch, frames, channels].
    """

    def __init__(self, channels: int, seed: int = 0, **kwargs: Any) -> None:
        """Noise layer.

        Args:
            channels: numbers of a frame, a multiple of 4.
            seed: of the noise.
            kwargs: of the layer.

        Raises:
            ValueError: if the number of channels is not a multiple of 4.
        """
        super().__init__(**{"dtype": EXACT, **kwargs})
        if channels % NUMBERS:
            raise ValueError(f"{channels} channels are not a multiple of {NUMBERS}")
        self.channels, self.seed = channels, seed

    def call(self, inputs: tuple[Any, Any]) -> Any:
        """Noise of the frames."""
        like, first_frame = inputs
        batch, frames = tf.shape(like)[0], tf.shape(like)[1]
        block = tf.cast(first_frame[0], tf.uint64) * tf.constant(self.channels // NUMBERS, tf.uint64)
        noise = tf.raw_ops.StatelessRandomNormalV2(
            shape=[frames, self.channels],
            key=tf.constant([self.seed], tf.uint64),
            counter=tf.stack([block, tf.constant(0, tf.uint64)]),
            alg=_PHILOX,
        )
        return tf.broadcast_to(noise, [batch, frames, self.channels])

    def compute_output_shape(self, input_shape: Sequence[Any]) -> tuple[int | None, ...]:
        """Shape of the output."""
        return (*input_shape[0][:2], self.channels)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "channels": self.channels, "seed": self.seed}
