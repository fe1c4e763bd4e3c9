"""Transformer (Vaswani et al. 2017) whose decoder predicts patches of numbers, one after another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras import layers, ops

from pipelines.nn.attention import Attention
from pipelines.nn.blocks import Bound, register

KeysAndValues = tuple[Any, Any]
_INNER = 4
"""Width of the inner layer of a feed-forward network, relative to its outer ones."""


@register
class TransformerBlock(layers.Layer):
    """Self-attention, cross-attention in a decoder, and a feed-forward network, each added to its input.

    Normalised before each of them (Xiong et al. 2020, "On layer normalization in the Transformer
    architecture").

    Input and output: [batch, positions, width].

    Arguments:
        heads: see `Attention`.
        reach: see `Attention`.
        is_decoder: true for one with cross-attention, in which no position attends to a later one.
    """

    def __init__(self, heads: int, reach: int, is_decoder: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.heads, self.reach, self.is_decoder = heads, reach, is_decoder

    def build(self, x_shape: Sequence[Any], memory_shape: Any = None) -> None:
        """Makes the layers."""
        width = x_shape[-1]
        policy = self.dtype_policy
        self.own = Attention(self.heads, self.reach, self.is_decoder, dtype=policy, name="own")
        self.inner = layers.Dense(_INNER * width, "relu", dtype=policy, name="inner")
        self.outer = layers.Dense(width, dtype=policy, name="outer")
        count = 3 if self.is_decoder else 2
        self.norms = [layers.LayerNormalization(dtype=policy, name=f"norm{i}") for i in range(count)]
        parts = [self.own, self.inner, *self.norms]
        if self.is_decoder:
            self.crossing = Attention(self.heads, self.reach, dtype=policy, name="crossing")
            parts.append(self.crossing)
        for part in parts:
            part.build(x_shape)
        self.outer.build((*x_shape[:-1], _INNER * width))

    def call(self, x: Any, memory: Any = None) -> Any:
        """All positions at once.

        Args:
            x: the input.
            memory: of an encoder, [batch, positions, width]; in a decoder.
        """
        crossed = self.crossing.keys_and_values(memory) if self.is_decoder else None
        normal = self.norms[0](x)
        return self._sums(x, normal, self.own.keys_and_values(normal), crossed)

    def step(self, x: Any, position: Any, past: KeysAndValues, crossed: KeysAndValues) -> tuple[Any, Any]:
        """One position, after those before it.

        Args:
            x: the input at the position, [batch, 1, width].
            position: its number, from 0.
            past: keys and values of the positions before it, at their places.
            crossed: keys and values of the memory.

        Returns:
            The output at the position, and keys and values with its own.
        """
        normal = self.norms[0](x)
        here = (ops.arange(ops.shape(past[0])[2]) == position)[:, None]
        new = self.own.keys_and_values(normal)
        past = (ops.where(here, new[0], past[0]), ops.where(here, new[1], past[1]))
        return self._sums(x, normal, past, crossed, position), past

    def _sums(
        self, x: Any, normal: Any, own: KeysAndValues, crossed: KeysAndValues | None, first: Any = 0
    ) -> Any:
        x = x + self.own(normal, *own, first=first)
        if crossed is not None:
            x = x + self.crossing(self.norms[2](x), *crossed, first=first)
        return x + self.outer(self.inner(self.norms[1](x)))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = {"heads": self.heads, "reach": self.reach, "is_decoder": self.is_decoder}
        return {**super().get_config(), **config}


@register
class PatchDecoder(layers.Layer):
    """Decoder of patches, each from the memory and the patches before it.

    What stands before the first patch is zero.

    Arguments:
        numbers: of a patch.
        blocks: number of blocks.
        heads: see `Attention`.
        reach: see `Attention`.
        limit: see `Bound`, of the patches.
    """

    def __init__(
        self, numbers: int, blocks: int, heads: int, reach: int, limit: float, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.numbers, self.block_count, self.heads, self.reach = numbers, blocks, heads, reach
        self.limit = limit

    def build(self, memory_shape: Sequence[int | None], patches_shape: Any = None) -> None:
        """Makes the layers, of the width of the memory."""
        width, policy = memory_shape[-1], self.dtype_policy
        self.embedding = layers.Dense(width, dtype=policy, name="embedding")
        self.embedding.build((*memory_shape[:-1], self.numbers))
        self.blocks = [
            TransformerBlock(self.heads, self.reach, is_decoder=True, dtype=policy, name=f"block{i}")
            for i in range(self.block_count)
        ]
        self.norm = layers.LayerNormalization(dtype=policy, name="norm")
        self.out = layers.Dense(self.numbers, dtype=policy, name="out")
        self.bound = Bound(self.limit, name="bound")
        for layer in (*self.blocks, self.norm, self.out):
            layer.build(memory_shape)

    def call(self, memory: Any, patches: Any = None) -> Any:
        """Patches of a memory.

        Args:
            memory: of an encoder, [batch, positions, width].
            patches: [batch, positions, numbers], of which each is predicted from those before it (teacher
                forcing); None to predict them from the predictions.

        Returns:
            float32 [batch, positions, numbers].
        """
        if patches is None:
            return self._predicted_by_themselves(memory)
        x = self.embedding(ops.pad(patches[:, :-1], ((0, 0), (1, 0), (0, 0))))
        for block in self.blocks:
            x = block(x, memory)
        return self._patches(x)

    def _predicted_by_themselves(self, memory: Any) -> Any:
        positions = ops.shape(memory)[1]
        crossed = [block.crossing.keys_and_values(memory) for block in self.blocks]
        none = [(ops.zeros_like(keys), ops.zeros_like(values)) for keys, values in crossed]
        start = self._patches(0.0 * memory)  # of their shape
        places = ops.arange(positions)[:, None]

        def step(position: Any, state: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
            last, patches, pasts = state
            x, known = self.embedding(last), []
            for block, past, of_memory in zip(self.blocks, pasts, crossed, strict=True):
                x, past = block.step(x, position, past, of_memory)
                known.append(past)
            patch = self._patches(x)
            return patch, ops.where(places == position, patch, patches), known

        return ops.fori_loop(0, positions, step, (0.0 * start[:, :1], start, none))[1]

    def _patches(self, x: Any) -> Any:
        return self.bound(self.out(self.norm(x)))

    def compute_output_shape(self, memory_shape: Sequence[int | None], patches_shape: Any = None) -> Any:
        """Shape of the patches."""
        return (*memory_shape[:-1], self.numbers)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = {
            "numbers": self.numbers,
            "blocks": self.block_count,
            "heads": self.heads,
            "reach": self.reach,
            "limit": self.limit,
        }
        return {**super().get_config(), **config}
