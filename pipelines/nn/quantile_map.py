"""A rising curve through given points: levels of one kind of recording as those of another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from pipelines.nn.blocks import register
from pipelines.nn.precision import EXACT

_LEAST_STEP = 1e-4
"""Between two points: levels that always are the same do not make a wall."""


@register
class PiecewiseLinear(layers.Layer):
    """Straight lines through points that rise, and as at the ends beyond them.

    The points are weights, set once from data by `set_points` and not trained; until then the identity on
    [0, 1]. With quantiles of two distributions as points, it maps the one to the other (histogram matching).

    Input and output: any shape.
    """

    def __init__(self, points: int, **kwargs: Any) -> None:
        super().__init__(**{"dtype": EXACT, **kwargs})
        self.points = points

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Makes the points, [points] each."""
        line = keras.initializers.Constant(np.linspace(0, 1, self.points))
        shape = (self.points,)
        self.x = self.add_weight(name="x", shape=shape, initializer=line, trainable=False)
        self.y = self.add_weight(name="y", shape=shape, initializer=line, trainable=False)

    def call(self, x: Any) -> Any:
        """Adds up how far each line is walked along."""
        steps = self.x[1:] - self.x[:-1]
        walked = ops.clip(ops.expand_dims(x, -1) - self.x[:-1], 0.0, steps)
        return self.y[0] + ops.sum(walked * (self.y[1:] - self.y[:-1]) / steps, axis=-1)

    def set_points(self, x: np.ndarray, y: np.ndarray) -> None:
        """Sets the points, [points] each; `x` rises."""
        steps = np.maximum(np.diff(x), _LEAST_STEP)
        self.x.assign(x[0] + np.concatenate([[0.0], np.cumsum(steps)]))
        self.y.assign(y)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "points": self.points}
