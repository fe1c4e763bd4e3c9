"""Column types: each defines how its number is computed, for a song or for all songs of a system."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import numpy as np

from pipelines.evaluation.recording import Recording
from pipelines.evaluation.results import Column
from pipelines.metrics.classifier import StyleClassifier

Input = Literal["source", "truth", "notes", "voice"]
"""Input that a column requires, as an attribute of `Comparison`; the source is always available."""

Feature = Literal["embedding", "statistics", "contrast", "musicnn"]
"""Feature by which style is measured, as an attribute of `Recording`: windows [n, d]."""

PROCESSOR = "processor"
"""Key of the column of processor time."""


@dataclasses.dataclass(frozen=True)
class Comparison:
    """A system's translation of a song, and the recordings and notes that it is compared with.

    Attributes:
        translation: the system's output.
        source: the song before translation.
        truth: the band's own recording of the song; None if there is none.
        notes: float64 [n, 3]: start and end in seconds, MIDI pitch; None without a score.
        voice: the singer as part of the source, float32 [samples]; None without a stem.
    """

    translation: Recording
    source: Recording
    truth: Recording | None = None
    notes: np.ndarray | None = None
    voice: np.ndarray | None = None

    def has(self, required: Input) -> bool:
        """True if the input that a column requires is available."""
        return getattr(self, required) is not None


@dataclasses.dataclass(frozen=True)
class StyleReference:
    """Style of the band, with which translations are compared.

    Attributes:
        windows: feature windows of the band's songs, [n, d], by feature.
        songs: feature windows of each of these songs, [n, d] each, by feature.
        classifier: separates the band from other songs; None where there are too few songs to train it.
    """

    windows: Mapping[Feature, np.ndarray]
    songs: Mapping[Feature, Sequence[np.ndarray]]
    classifier: StyleClassifier | None = None


@dataclasses.dataclass(frozen=True)
class SongColumn:
    """A number of a single song, computed in a worker process.

    Attributes:
        column: heading, unit and explanation.
        measure: computes the number; a function at module level, because workers receive it pickled.
        requires: input without which the column has no number.
    """

    column: Column
    measure: Callable[[Comparison], float]
    requires: Input = "source"


@dataclasses.dataclass(frozen=True)
class WindowColumn:
    """A number of a single song that depends on the style reference.

    Attributes:
        column: heading, unit and explanation.
        feature: feature whose windows are measured.
        measure: computes the number from the song's windows [n, d].
    """

    column: Column
    feature: Feature
    measure: Callable[[np.ndarray, StyleReference], float]


@dataclasses.dataclass(frozen=True)
class SetColumn:
    """A distance between all songs of a system and the band's songs.

    Attributes:
        column: heading, unit and explanation.
        feature: feature whose windows are compared.
        distance: between the windows of a system's songs and the reference's, [n, d] and [m, d].
    """

    column: Column
    feature: Feature
    distance: Callable[[np.ndarray, np.ndarray], float]


@dataclasses.dataclass(frozen=True)
class TwoSampleColumn:
    """Accuracy of a classifier that tells a system's songs from the band's, see `two_sample_test`.

    Attributes:
        column: heading, unit and explanation.
        feature: feature whose windows are classified.
    """

    column: Column
    feature: Feature


@dataclasses.dataclass(frozen=True)
class CostColumn:
    """A number that is measured while a song is translated, see `conversion`.

    Attributes:
        column: heading, unit and explanation.
    """

    column: Column


AnyColumn = SongColumn | WindowColumn | SetColumn | TwoSampleColumn | CostColumn


def features_of(columns: Sequence[AnyColumn]) -> tuple[Feature, ...]:
    """Features that columns need, and the style classifier's."""
    of_style = (WindowColumn, SetColumn, TwoSampleColumn)
    needed = [each.feature for each in columns if isinstance(each, of_style)]
    return tuple(dict.fromkeys(("statistics", *needed)))
