"""Windows over the frames of a song, placed so that windowed translation equals whole-song translation."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

TranslateFn = Callable[[Any], Any]
"""log-mel [batch, frames, n_mels, 1], frames a multiple of some number -> log-mel of the same shape."""

SILENCE = -1.0
"""Log-mel value of silence (see `pipelines.audio.scaling.scale`)."""


@dataclasses.dataclass(frozen=True)
class Window:
    """Output frames of a window and the larger range of its input frames; ints, or scalars in a graph.

    Attributes:
        start: first output frame.
        stop: one past the last output frame.
        first: first input frame.
        last: one past the last input frame.
    """

    start: Any
    stop: Any
    first: Any
    last: Any


@dataclasses.dataclass(frozen=True)
class Windows:
    """Division of a song into windows whose inputs overlap and whose outputs do not.

    A strided network gives the same output for a slice as for the whole only if the slice starts at a
    multiple of the stride, so size and margin are multiples of it. At the ends of a song there is no
    margin: the network pads there as it does for the whole song.

    Attributes:
        size: output frames of each window (of the last one: the remainder).
        margin: further input frames on each side, where there are any.
        multiple: the network accepts multiples of this number of frames; divides size and margin.
    """

    size: int
    margin: int
    multiple: int

    @classmethod
    def from_context(cls, size: int, *, context: int, multiple: int) -> Windows:
        """Windows of at least `size` output frames with at least `context` frames of margin."""
        return cls(_round_up(max(size, 1), multiple), _round_up(context, multiple), multiple)

    def count(self, frames: Any) -> Any:
        """Number of windows of a song with this number of frames."""
        return (frames + self.size - 1) // self.size

    def at(self, xp: Any, index: Any, frames: Any) -> Window:
        """Window of a song.

        Args:
            xp: numpy or tensorflow.
            index: number of the window.
            frames: number of frames of the song.

        Returns:
            The window, in scalars of `xp`.
        """
        start = index * self.size
        return Window(
            start=start,
            stop=xp.minimum(start + self.size, frames),
            first=xp.maximum(start - self.margin, 0),
            last=xp.minimum(start + self.size + self.margin, frames),
        )

    def all(self, frames: int) -> list[Window]:
        """All windows of a song, as ints."""
        windows = (self.at(np, index, frames) for index in range(self.count(frames)))
        return [Window(*(int(frame) for frame in dataclasses.astuple(window))) for window in windows]


def translate_whole(xp: Any, translate: TranslateFn, log_mel: Any, multiple: int) -> Any:
    """Translates any number of frames: pads with silence to the next multiple, and crops the result.

    Args:
        xp: numpy or tensorflow.
        translate: the network.
        log_mel: float32 [batch, frames, n_mels, 1].
        multiple: the network accepts multiples of this number of frames.

    Returns:
        float32 of the same shape.
    """
    frames = xp.shape(log_mel)[1]
    missing = -frames % multiple
    padded = xp.pad(log_mel, [[0, 0], [0, missing], [0, 0], [0, 0]], constant_values=SILENCE)
    return translate(padded)[:, :frames]


def translate_windows(xp: Any, translate: TranslateFn, log_mel: Any, windows: Windows) -> np.ndarray:
    """Translates window by window; equals `translate_whole` in the memory of one window.

    Args:
        xp: numpy or tensorflow, of the network.
        translate: the network.
        log_mel: float32 [batch, frames, n_mels, 1].
        windows: with a margin of at least the network's context.

    Returns:
        float32 of the same shape.
    """
    outputs = []
    for window in windows.all(int(log_mel.shape[1])):
        translated = translate_whole(xp, translate, log_mel[:, window.first : window.last], windows.multiple)
        outputs.append(translated[:, window.start - window.first : window.stop - window.first])
    return np.concatenate(outputs, axis=1)


def _round_up(number: int, multiple: int) -> int:
    return -(-number // multiple) * multiple
