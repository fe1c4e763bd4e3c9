"""The numbers by which the two domains are compared."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence

import numpy as np

from pipelines.data.survey.record import SongFacts
from pipelines.data.survey.survey import Song
from pipelines.data.survey.voice import PROBABLE


@dataclasses.dataclass(frozen=True)
class Trait:
    """One number of a song.

    Attributes:
        name: its heading.
        unit: such as "BPM".
        value: of a song; None where it has none.
        digits: after the decimal point.
        explanation: a plain sentence: what it means.
    """

    name: str
    unit: str
    value: Callable[[SongFacts], float | None]
    digits: int
    explanation: str

    def of(self, songs: Sequence[Song]) -> np.ndarray:
        """The numbers of those songs that have one, float64 [n]."""
        found = [self.value(song.facts) for song in songs]
        return np.array([value for value in found if value is not None], np.float64)

    def text(self, value: float | None) -> str:
        """A number in the trait's digits."""
        return "-" if value is None or not math.isfinite(value) else f"{value:.{self.digits}f}"

    @property
    def heading(self) -> str:
        """Name and unit."""
        return f"{self.name}, {self.unit}" if self.unit else self.name


LENGTH = Trait("Length", "min", lambda facts: facts.seconds / 60, 1, "Of the file, silence included.")
RATE = Trait("Sample rate", "kHz", lambda facts: facts.sample_rate / 1000, 1, "Of the file.")
BANDWIDTH = Trait(
    "Spectrum ends",
    "kHz",
    lambda facts: facts.bandwidth / 1000 or None,
    1,
    "Above it there is next to nothing.",
)
LOUDNESS = Trait("Loudness", "LUFS", lambda facts: facts.loudness, 1, "Integrated, ITU-R BS.1770.")
TEMPO = Trait(
    "Tempo", "BPM", lambda facts: facts.tempo, 0, "An estimate by librosa; half or double of it is common."
)
TUNING = Trait("Tuning", "cents", lambda facts: facts.tuning, 0, "From A4 = 440 Hz, at most 50 either way.")
WIDTH = Trait(
    "Stereo width",
    "dB",
    lambda facts: None if facts.width_db is None or facts.loudness is None else max(facts.width_db, -60.0),
    1,
    "Energy of the difference of left and right against that of their sum; mono songs have none.",
)
SILENCE = Trait("Silence", "%", lambda facts: 100 * facts.silence, 1, "Part of the song that is silent.")
VOICE = Trait(
    "Voice-like",
    "%",
    lambda facts: 100 * facts.voice,
    0,
    f"Moments that sound like a voice: an estimate; songs above {PROBABLE:.0%} are probably sung.",
)
CLIPPING = Trait("Clipping", "%", lambda facts: 100 * facts.clipping, 3, "Part of the samples cut off.")

TRAITS = (LENGTH, RATE, BANDWIDTH, LOUDNESS, TEMPO, TUNING, WIDTH, VOICE, SILENCE, CLIPPING)
"""In the order in which they are shown."""

CLIPPED = 1e-3
"""A song of which a larger part of the samples is clipped counts as clipped."""

OPPOSED = "opposed"
"""See `levels.image`."""


def circular_mean(cents: np.ndarray) -> float:
    """Mean of tunings, for which 50 cents up and 50 down are the same; cents, -50 to 50."""
    return float(np.angle(np.exp(2j * np.pi * cents / 100).mean()) * 100 / (2 * np.pi))


def separation(content: np.ndarray, band: np.ndarray) -> float:
    """Probability that a song of the band has the larger number, ties shared (Mann and Whitney 1947).

    Args:
        content: float [n], at least one.
        band: float [m], at least one.
    """
    differences = band[None, :] - content[:, None]
    return float((differences > 0).mean() + 0.5 * (differences == 0).mean())
