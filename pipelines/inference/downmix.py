"""Songs as they are heard where channels do not count: their mean, block by block."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipelines.audio import files
from pipelines.audio.downmix import to_mono
from pipelines.audio.loudness import LoudnessMeter
from pipelines.inference.translate import BLOCK_SECONDS


def blocks(path: Path, sample_rate: int) -> Iterator[np.ndarray]:
    """The mean over the channels, float32 [samples, 1] each.

    Raises:
        UserError: if the song cannot be read.
    """
    for block in files.blocks(path, sample_rate, BLOCK_SECONDS):
        yield to_mono(block)[:, None]


def measured(path: Path, sample_rate: int) -> tuple[int, float]:
    """Length in samples, and integrated loudness in LUFS.

    Raises:
        UserError: if the song cannot be read.
    """
    meter, samples = LoudnessMeter(sample_rate, 1), 0
    for block in blocks(path, sample_rate):
        meter.add(block)
        samples += len(block)
    return samples, meter.integrated()
