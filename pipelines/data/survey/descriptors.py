"""Descriptors of songs by which the two domains are compared."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence

import numpy as np

from pipelines.data.survey.song_facts import SongFacts
from pipelines.data.survey.survey import MeasuredSong
from pipelines.data.survey.voice import PROBABLE


@dataclasses.dataclass(frozen=True)
class Descriptor:
    """Descriptor of a song: one number.

    Attributes:
        name: its heading.
        unit: such as "BPM".
        value: computes the number from a song's facts; None where it is undefined.
        digits: number of digits after the decimal point.
        explanation: meaning of the number, a sentence for readers.
    """

    name: str
    unit: str
    value: Callable[[SongFacts], float | None]
    digits: int
    explanation: str

    def values(self, songs: Sequence[MeasuredSong]) -> np.ndarray:
        """Numbers of the songs that have one, float64 [n]."""
        found = [self.value(song.facts) for song in songs]
        return np.array([value for value in found if value is not None], np.float64)

    def text(self, value: float | None) -> str:
        """Text of a number in the descriptor's digits."""
        return "-" if value is None or not math.isfinite(value) else f"{value:.{self.digits}f}"

    @property
    def heading(self) -> str:
        """Name and unit."""
        return f"{self.name}, {self.unit}" if self.unit else self.name


LENGTH = Descriptor("Length", "min", lambda facts: facts.seconds / 60, 1, "Of the file, silence included.")
RATE = Descriptor("Sample rate", "kHz", lambda facts: facts.sample_rate / 1000, 1, "Of the file.")
BANDWIDTH = Descriptor(
    "Spectrum ends",
    "kHz",
    lambda facts: facts.bandwidth / 1000 or None,
    1,
    "Upper end of the spectrum, above which there is almost no power.",
)
LOUDNESS = Descriptor("Loudness", "LUFS", lambda facts: facts.loudness, 1, "Integrated, ITU-R BS.1770.")
TEMPO = Descriptor(
    "Tempo", "BPM", lambda facts: facts.tempo, 0, "An estimate by librosa; half or double of it is common."
)
TUNING = Descriptor(
    "Tuning", "cents", lambda facts: facts.tuning, 0, "From A4 = 440 Hz, at most 50 either way."
)
WIDTH = Descriptor(
    "Stereo width",
    "dB",
    lambda facts: None if facts.width_db is None or facts.loudness is None else max(facts.width_db, -60.0),
    1,
    "Energy of the difference of left and right against that of their sum; mono songs have none.",
)
SILENCE = Descriptor("Silence", "%", lambda facts: 100 * facts.silence, 1, "Part of the song that is silent.")
VOICE = Descriptor(
    "Voice-like",
    "%",
    lambda facts: 100 * facts.voice,
    0,
    f"Voice-like part of the song: an estimate; songs above {PROBABLE:.0%} are probably sung.",
)
CLIPPING = Descriptor(
    "Clipping", "%", lambda facts: 100 * facts.clipping, 3, "Part of the samples that are clipped."
)

DESCRIPTORS = (LENGTH, RATE, BANDWIDTH, LOUDNESS, TEMPO, TUNING, WIDTH, VOICE, SILENCE, CLIPPING)
"""All descriptors in display order."""

CLIPPED = 1e-3
"""Songs with a larger part of clipped samples count as clipped."""

OPPOSED = "opposed"
"""See `sample_levels.image`."""


def circular_mean(cents: np.ndarray) -> float:
    """Circular mean of tunings with a period of 100 cents; -50 to 50."""
    return float(np.angle(np.exp(2j * np.pi * cents / 100).mean()) * 100 / (2 * np.pi))


def separation(content: np.ndarray, band: np.ndarray) -> float:
    """Probability that a song of the band has the larger number, ties shared (Mann and Whitney 1947).

    Args:
        content: float [n], at least one.
        band: float [m], at least one.
    """
    differences = band[None, :] - content[:, None]
    return float((differences > 0).mean() + 0.5 * (differences == 0).mean())
