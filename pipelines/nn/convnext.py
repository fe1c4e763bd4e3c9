"""ConvNeXt blocks (Liu et al. 2022) along time, as in Vocos (Siuzdak 2023), normalised frame by frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from pipelines.nn.blocks import register


@register
class LayerScale(layers.Layer):
    """Multiplies every channel by a learned number that begins small, so that a block begins as identity.

    Input and output: [batch, frames, channels].
    """

    def __init__(self, start: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.start = start

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Makes the factors [channels]."""
        self.scale = self.add_weight(
            name="scale", shape=(input_shape[-1],), initializer=keras.initializers.Constant(self.start)
        )

    def call(self, x: Any) -> Any:
        """Scales."""
        return x * self.scale

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "start": self.start}


def convnext_block(x: Any, kernel: int, expansion: int, *, causal: bool, scale: float, name: str) -> Any:
    """Convolve each channel along time, normalise each frame, mix channels twice, scale, add.

    Args:
        x: [batch, frames, width].
        kernel: frames that the convolution sees, an odd number.
        expansion: of the inner width.
        causal: whether it sees only the past.
        scale: what `LayerScale` begins with.
        name: of the block.

    Returns:
        The same shape.
    """
    width = x.shape[-1]
    past = kernel - 1 if causal else kernel // 2
    y = layers.ZeroPadding1D((past, kernel - 1 - past), name=f"{name}_pad")(x)
    y = layers.DepthwiseConv1D(kernel, name=f"{name}_time")(y)
    y = layers.LayerNormalization(epsilon=1e-6, name=f"{name}_norm")(y)
    y = layers.Dense(expansion * width, activation="gelu", name=f"{name}_in")(y)
    y = layers.Dense(width, name=f"{name}_out")(y)
    return x + LayerScale(scale, name=f"{name}_scale")(y)
