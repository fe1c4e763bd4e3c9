"""Downmix of song files, block by block."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipelines.audio import files
from pipelines.audio.downmix import to_mono
from pipelines.audio.streams import BLOCK_SECONDS


def blocks(path: Path, sample_rate: int) -> Iterator[np.ndarray]:
    """Downmix of a song, in blocks of float32 [samples, 1].

    Args:
        path: anything that FFmpeg reads.
        sample_rate: of the blocks, Hz.

    Raises:
        UserError: if the song cannot be read.
    """
    for block in files.blocks(path, sample_rate, BLOCK_SECONDS):
        yield to_mono(block)[:, None]
