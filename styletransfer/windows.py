"""Style transfer of the spectrogram of a song, window by window."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from styletransfer.optimization import Tick


class Method(Protocol):
    """Interface of a style transfer method, which stylises the magnitudes of one window."""

    @property
    def steps(self) -> int:
        """Ticks of a window."""

    def __call__(self, magnitude: np.ndarray, begun: np.ndarray, tick: Tick) -> np.ndarray:
        """Stylises a window.

        Args:
            magnitude: of the content, float32 [frames, bins].
            begun: float32 [some frames, bins], what the window before found for the first frames; may be
                empty, and may be ignored.
            tick: to be called with the number of finished steps, `steps` in all.

        Returns:
            Magnitudes, float32 [frames, bins].
        """


def starts(frames: int, size: int, overlap: int) -> list[int]:
    """First frames of the fewest windows of one size that cover a song and share at least so many frames.

    Args:
        frames: of the song.
        size: of a window; a song that is shorter is one window.
        overlap: less than size.
    """
    if frames <= size:
        return [0]
    count = -(-(frames - overlap) // (size - overlap))
    return [round(place) for place in np.linspace(0, frames - size, count)]


def stylised(method: Method, magnitude: np.ndarray, size: int, overlap: int, tick: Tick) -> np.ndarray:
    """Magnitudes of a whole song: where windows overlap, the earlier one fades into the later.

    Args:
        method: for one window.
        magnitude: of the content, float32 [frames, bins].
        size: frames of a window.
        overlap: frames that two windows share, at least.
        tick: called with the number of finished steps.

    Returns:
        float32 [frames, bins].
    """
    result, done = np.zeros_like(magnitude), 0
    for start in starts(len(magnitude), size, overlap):
        piece = slice(start, start + size)
        begun = result[start:done].copy()
        found = method(magnitude[piece], begun, tick)
        fade = _fade(len(begun))
        found[: len(begun)] = (1 - fade) * begun + fade * found[: len(begun)]
        result[piece] = found
        done = start + len(found)
    return result


def _fade(frames: int) -> np.ndarray:
    """Between 0 and 1, neither of them: float32 [frames, 1]."""
    return (np.arange(1, frames + 1, dtype=np.float32) / np.float32(frames + 1))[:, None]
