"""Segments of a song, which a network that is not local in time computes independently of each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras import layers, ops

from pipelines.nn.blocks import register
from pipelines.nn.precision import EXACT


@register
class SplitSegments(layers.Layer):
    """Segments as elements of the batch, each after the last frames of the one before it.

    The first segment of a song is after its first frame, repeated.

    Input [batch, segments * frames, ...]; output [batch * segments, warm_up + frames, ...].

    Arguments:
        frames: of a segment.
        warm_up: number of frames before it, at most `frames`.
    """

    def __init__(self, frames: int, warm_up: int, **kwargs: Any) -> None:
        super().__init__(**{"dtype": EXACT, **kwargs})
        self.frames, self.warm_up = frames, warm_up

    def call(self, x: Any) -> Any:
        """Splits."""
        rest = x.shape[2:]
        segments = ops.reshape(x, (ops.shape(x)[0], -1, self.frames, *rest))
        if self.warm_up:
            first = ops.repeat(segments[:, :1, :1], self.warm_up, axis=2)
            before = ops.concatenate([first, segments[:, :-1, -self.warm_up :]], axis=1)
            segments = ops.concatenate([before, segments], axis=2)
        return ops.reshape(segments, (-1, self.warm_up + self.frames, *rest))

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """Shape of the segments."""
        return (None, self.warm_up + self.frames, *input_shape[2:])

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "frames": self.frames, "warm_up": self.warm_up}


@register
class JoinSegments(layers.Layer):
    """Inverse of `SplitSegments`.

    Arguments:
        warm_up: number of frames before each segment, which are dropped.
    """

    def __init__(self, warm_up: int, **kwargs: Any) -> None:
        super().__init__(**{"dtype": EXACT, **kwargs})
        self.warm_up = warm_up

    def call(self, segments: Any, like: Any) -> Any:
        """Joins.

        Args:
            segments: [batch * segments, warm_up + frames, ...].
            like: a tensor with the batch and the frames of the result.
        """
        batch, frames = ops.shape(like)[:2]
        return ops.reshape(segments[:, self.warm_up :], (batch, frames, *segments.shape[2:]))

    def compute_output_shape(
        self, segments_shape: Sequence[int | None], like_shape: Sequence[int | None]
    ) -> tuple[int | None, ...]:
        """Shape of the result."""
        return (*like_shape[:2], *segments_shape[2:])

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "warm_up": self.warm_up}
