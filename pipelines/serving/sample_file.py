"""Files of raw samples, which the server's processes exchange."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipelines.audio.streams import block_size, read_blocks

FRAME_BYTES = 2 * np.dtype(np.float32).itemsize
"""Size of a stereo sample."""


@dataclasses.dataclass(frozen=True)
class SampleFile:
    """File of the samples of a song or of a part of one.

    Attributes:
        path: of the samples, little-endian float32, channels interleaved.
        samples: per channel.
        channels: 1 or 2.
        sample_rate: Hz.
        loudness: integrated, LUFS; minus infinity for silence.
    """

    path: Path
    samples: int
    channels: int
    sample_rate: int
    loudness: float

    @property
    def seconds(self) -> float:
        """Duration."""
        return self.samples / self.sample_rate

    def mapped(self) -> np.ndarray:
        """The samples as a memory map, float32 [samples, channels]."""
        return np.memmap(self.path, "<f4", "r").reshape(-1, self.channels)

    def blocks(self) -> Iterator[np.ndarray]:
        """Blocks of `streams.BLOCK_SECONDS`, float32 [samples, channels], in the memory of one block."""
        with self.path.open("rb") as file:
            yield from read_blocks(file, self.channels, block_size(self.sample_rate))
