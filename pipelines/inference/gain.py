"""Gains between loudnesses, with the peak kept below clipping; numbers or tensors."""

from __future__ import annotations

import dataclasses
import math

from pipelines.audio.loudness import TRAINING_LUFS

PEAK = 0.99
"""No sample of a cover exceeds it: about -0.1 dBFS."""


@dataclasses.dataclass(frozen=True)
class Gain:
    """What a cover is multiplied by.

    Attributes:
        factor: linear.
        limited: decibels by which it had to stay below what the loudness asked for; 0 if it did not.
    """

    factor: float
    limited: float


def training_loudness(channels: int) -> float:
    """Loudness, LUFS, of a song whose root-mean-square mono mix is as loud as the training data.

    BS.1770 adds the channels' energies, the mono mix averages them.
    """
    return TRAINING_LUFS + 10 * math.log10(channels)


def between(loudness: float, wanted: float) -> float:
    """The linear gain that brings one loudness (LUFS) to another; 1 where either is silence."""
    difference = wanted - loudness
    return 10 ** (difference / 20) if math.isfinite(difference) else 1.0


def matching(loudness: float, wanted: float, peak: float) -> Gain:
    """The gain that brings a cover to a loudness, as far as its peak allows.

    Args:
        loudness: of the cover, LUFS.
        wanted: of the source, LUFS.
        peak: largest absolute sample of the cover.
    """
    factor = between(loudness, wanted)
    allowed = min(factor, PEAK / max(peak, 1e-12))
    return Gain(allowed, 20 * math.log10(factor / allowed))
