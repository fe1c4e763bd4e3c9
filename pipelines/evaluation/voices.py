"""Voices of songs with stems: the singer as part of the song."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable

import numpy as np

from pipelines.audio.streams import Signal, array_blocks, block_size
from pipelines.stems.files import Role
from pipelines.stems.parts import SplitSong


@dataclasses.dataclass(frozen=True)
class RecordedStem:
    """Stem of a song, read when it is needed.

    Attributes:
        name: for error messages.
        role: part of the song that it is.
        read: reads it, float32 [samples], at any level.
    """

    name: str
    role: Role
    read: Callable[[], np.ndarray]


def separate(name: str, song: np.ndarray, stem: RecordedStem, sample_rate: int) -> np.ndarray:
    """The voice in a song, aligned and at its level, see `SplitSong`.

    Args:
        name: of the song, for error messages.
        song: float32 [samples], mono.
        stem: its stem.
        sample_rate: of both, Hz.

    Returns:
        float32, as long as the song.

    Raises:
        UserError: if the stem cannot be read or does not fit.
    """

    def signal(name: str, samples: np.ndarray) -> Signal:
        return Signal(name, functools.partial(array_blocks, samples[:, None], block_size(sample_rate)))

    parts = SplitSong(signal(name, song), signal(stem.name, stem.read()), stem.role, sample_rate)
    return np.concatenate([voice[:, 0] for voice, _ in parts.blocks()])
