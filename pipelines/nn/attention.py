"""Attention over positions along time, whose distances count and whose places do not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras import layers, ops

from pipelines.nn.blocks import register

_NEVER = -1e9
"""Score of what is not attended to; minus infinity has no gradient."""


@register
class Attention(layers.Layer):
    """Multi-head attention (Vaswani et al. 2017, section 3.2) with a trained bias of each distance.

    One bias for each head and distance takes the place of encodings of the positions (Raffel et al. 2020,
    "Exploring the limits of transfer learning with a unified text-to-text transformer", section 2.1). At
    first they fall with the distance, in some heads steeply (Press et al. 2022, "Train short, test long",
    section 3): an output attends to the input of its own time before anything is learnt.

    Arguments:
        heads: number of heads; their width is that of the input, divided by it.
        reach: distance from which on all have the same bias.
        is_causal: true if no position attends to a later one.
    """

    def __init__(self, heads: int, reach: int, is_causal: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.heads, self.reach, self.is_causal = heads, reach, is_causal

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Makes the projections, and the biases [heads, distances]."""
        width = input_shape[-1]
        for name in ("query", "key", "value", "out"):
            dense = layers.Dense(width, use_bias=False, dtype=self.dtype_policy, name=name)
            dense.build(input_shape)
            setattr(self, f"{name}_projection", dense)
        self.bias = self.add_weight(
            name="bias", shape=(self.heads, 2 * self.reach + 1), initializer=self._falling
        )

    def _falling(self, shape: Sequence[int], dtype: Any = None) -> Any:
        slopes = 2.0 ** -ops.arange(self.heads, dtype="float32")[:, None]
        return ops.cast(-slopes * ops.abs(ops.arange(-self.reach, self.reach + 1, dtype="float32")), dtype)

    def keys_and_values(self, x: Any) -> tuple[Any, Any]:
        """Keys and values of what is attended to, [batch, heads, positions, width of a head] each."""
        return self._split(self.key_projection(x)), self._split(self.value_projection(x))

    def call(self, x: Any, keys: Any, values: Any, first: Any = 0) -> Any:
        """Sums of the values that each position attends to, by its weights.

        Args:
            x: [batch, positions, width].
            keys: see `keys_and_values`.
            values: the same.
            first: position of the first one of `x` among those of the keys.

        Returns:
            Tensor of the shape of `x`.
        """
        queries = self._split(self.query_projection(x))
        scores = ops.matmul(queries, ops.transpose(keys, (0, 1, 3, 2))) / queries.shape[-1] ** 0.5
        places = ops.arange(ops.shape(keys)[2])[None] - (first + ops.arange(ops.shape(x)[1]))[:, None]
        indices = ops.clip(places, -self.reach, self.reach) + self.reach
        scores = scores + ops.cast(ops.take(self.bias, indices, axis=1), scores.dtype)
        if self.is_causal:
            scores = ops.where(places > 0, ops.cast(_NEVER, scores.dtype), scores)
        found = ops.transpose(ops.matmul(ops.softmax(scores), values), (0, 2, 1, 3))
        return self.out_projection(ops.reshape(found, ops.shape(x)))

    def _split(self, x: Any) -> Any:
        """[batch, positions, width] -> [batch, heads, positions, width of a head]."""
        batch, positions, width = ops.shape(x)
        return ops.transpose(
            ops.reshape(x, (batch, positions, self.heads, width // self.heads)), (0, 2, 1, 3)
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = {"heads": self.heads, "reach": self.reach, "is_causal": self.is_causal}
        return {**super().get_config(), **config}
