"""Layer with a fixed latent, which a translator decodes with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from pipelines.nn.blocks import register
from pipelines.nn.precision import EXACT


@register
class FixedLatent(layers.Layer):
    """The same latent at every position, whatever comes in.

    The latent is a weight, zero until `set_latent`, and not trained.

    Input [batch, frames, ...]; output [batch, frames / time_stride, width].
    """

    def __init__(self, width: int, time_stride: int, **kwargs: Any) -> None:
        super().__init__(**{"dtype": EXACT, **kwargs})
        self.width, self.time_stride = width, time_stride

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Makes the latent [width]."""
        self.latent = self.add_weight(
            name="latent", shape=(self.width,), initializer="zeros", trainable=False
        )

    def call(self, x: Any) -> Any:
        """As long as the input."""
        shape = ops.shape(x)
        return ops.broadcast_to(self.latent, (shape[0], shape[1] // self.time_stride, self.width))

    def set_latent(self, latent: np.ndarray) -> None:
        """Sets it, [width]."""
        self.latent.assign(latent)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "width": self.width, "time_stride": self.time_stride}


def fixed_latent(model: keras.Model) -> FixedLatent:
    """Layer of a translator that holds its latent; every family calls it "latent".

    Raises:
        ValueError: if there is none.
    """
    return model.get_layer("latent")
