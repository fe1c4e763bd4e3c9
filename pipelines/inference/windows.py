"""Windows over a song's frames, placed so that translating window by window equals translating the whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import tensorflow as tf

TranslateFn = Callable[[tf.Tensor], tf.Tensor]
"""log-mel [batch, frames, n_mels, 1], frames a multiple of some number -> log-mel of the same shape."""

SILENCE = -1.0
"""The log-mel value of silence (see `pipelines.audio.scaling.scale`)."""


@dataclasses.dataclass(frozen=True)
class Window:
    """A stretch of frames and the neighbours that it has to see; ints, or scalar tensors in a graph.

    Attributes:
        start: first frame that the window answers for.
        stop: one past the last frame that it answers for.
        first: first frame that it reads.
        last: one past the last frame that it reads.
    """

    start: Any
    stop: Any
    first: Any
    last: Any


@dataclasses.dataclass(frozen=True)
class Windows:
    """Division of a song into windows, each with a margin of frames that are read but not kept.

    A strided network gives the same output for a slice as for the whole only if the slice starts on a
    multiple of the stride, so size and margin are multiples of it. At a song's true ends there is no
    margin: the network pads there by itself, as it does for the whole.

    Attributes:
        size: frames that each window answers for (the last one: what is left).
        margin: further frames that it reads on each side, where there are any.
        multiple: the network takes multiples of so many frames; divides size and margin.
    """

    size: int
    margin: int
    multiple: int

    @classmethod
    def of(cls, size: int, *, context: int, multiple: int) -> Windows:
        """Windows of at least `size` frames around which at least `context` frames are read."""
        return cls(_round_up(max(size, 1), multiple), _round_up(context, multiple), multiple)

    def count(self, frames: Any) -> Any:
        """Windows in a song of so many frames."""
        return (frames + self.size - 1) // self.size

    def at(self, index: Any, frames: Any) -> Window:
        """The window number `index` of a song, in scalar int32 tensors (works inside a graph)."""
        start = tf.convert_to_tensor(index, tf.int32) * self.size
        return Window(
            start=start,
            stop=tf.minimum(start + self.size, frames),
            first=tf.maximum(start - self.margin, 0),
            last=tf.minimum(start + self.size + self.margin, frames),
        )

    def all(self, frames: int) -> list[Window]:
        """Every window of a song, in ints."""
        windows = (self.at(index, frames) for index in range(self.count(frames)))
        return [Window(*(int(frame) for frame in dataclasses.astuple(window))) for window in windows]


def translate_whole(translate: TranslateFn, log_mel: tf.Tensor, multiple: int) -> tf.Tensor:
    """Translates any number of frames: silence is appended up to the next multiple, and cut off again.

    Args:
        translate: the network.
        log_mel: float32 [batch, frames, n_mels, 1].
        multiple: what the number of frames given to the network has to be a multiple of.

    Returns:
        float32 of the same shape.
    """
    frames = tf.shape(log_mel)[1]
    missing = -frames % multiple
    padded = tf.pad(log_mel, [[0, 0], [0, missing], [0, 0], [0, 0]], constant_values=SILENCE)
    return translate(padded)[:, :frames]


def translate_windows(translate: TranslateFn, log_mel: tf.Tensor, windows: Windows) -> tf.Tensor:
    """Equals `translate_whole`, while the network sees no more than one window at a time.

    Args:
        translate: the network.
        log_mel: float32 [batch, frames, n_mels, 1].
        windows: with a margin of at least the network's context.

    Returns:
        float32 of the same shape.
    """
    pieces = []
    for window in windows.all(int(log_mel.shape[1])):
        translated = translate_whole(translate, log_mel[:, window.first : window.last], windows.multiple)
        pieces.append(translated[:, window.start - window.first : window.stop - window.first])
    return tf.concat(pieces, axis=1)


def _round_up(number: int, multiple: int) -> int:
    return -(-number // multiple) * multiple
