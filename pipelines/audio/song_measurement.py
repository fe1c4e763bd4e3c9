"""Length, channels and loudness of a stream, measured without a whole song in memory."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from pipelines.audio.loudness import LoudnessMeter


@dataclasses.dataclass(frozen=True)
class SongMeasurement:
    """Length, channels and loudness of a song.

    Attributes:
        samples: length at the model's sample rate.
        channels: 1 or 2.
        loudness: integrated, LUFS; minus infinity for silence.
    """

    samples: int
    channels: int
    loudness: float


def measure_blocks(blocks: Iterator[np.ndarray], sample_rate: int) -> SongMeasurement:
    """Measures a stream.

    Args:
        blocks: float32 [samples, channels], at least one.
        sample_rate: Hz.
    """
    meter, samples, channels = None, 0, 0
    for block in blocks:
        channels = block.shape[1]
        meter = meter or LoudnessMeter(sample_rate, channels)
        meter.add(block)
        samples += len(block)
    assert meter is not None
    return SongMeasurement(samples, channels, meter.integrated())
