"""Column types: each defines how its number is computed, for a song or for all songs of a method."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np

from pipelines.evaluation.recording import Recording
from pipelines.evaluation.results import Column
from pipelines.metrics.classifier import StyleClassifier

Need = Literal["source", "truth", "notes"]
"""Input that a column requires, as an attribute of `Hearing`; the source is always available."""

Feature = Literal["embedding", "statistics"]
"""Feature by which style is measured, as an attribute of `Recording`: windows [n, d]."""

PROCESSOR = "processor"
"""Key of the column of what playing takes."""

FEATURES: tuple[Feature, ...] = ("embedding", "statistics")


@dataclasses.dataclass(frozen=True)
class Hearing:
    """One song as one method plays it, with what it is compared with.

    Attributes:
        sound: of the method.
        source: the song as it was given.
        truth: what the band really plays, None where nobody knows.
        notes: float64 [n, 3]: start and end in seconds, MIDI pitch; None without a score.
    """

    sound: Recording
    source: Recording
    truth: Recording | None = None
    notes: np.ndarray | None = None

    def has(self, need: Need) -> bool:
        """True if the input that a column needs is available."""
        return getattr(self, need) is not None


@dataclasses.dataclass(frozen=True)
class Style:
    """The band, as far as style is judged.

    Attributes:
        reference: the windows of the band's songs, [n, d], by feature.
        classifier: tells the band from other songs; None where there was too little to learn from.
    """

    reference: Mapping[Feature, np.ndarray]
    classifier: StyleClassifier | None = None


@dataclasses.dataclass(frozen=True)
class SongColumn:
    """A number of a single song, measured in processes of their own: the function travels there by its name.

    Attributes:
        column: what readers see.
        measure: the number; of the module level.
        needs: see `Need`.
    """

    column: Column
    measure: Callable[[Hearing], float]
    needs: Need = "source"


@dataclasses.dataclass(frozen=True)
class WindowColumn:
    """A number of a single song that depends on the band's style, too.

    Attributes:
        column: what readers see.
        feature: what it is computed of.
        measure: of the song's windows [n, d].
    """

    column: Column
    feature: Feature
    measure: Callable[[np.ndarray, Style], float]


@dataclasses.dataclass(frozen=True)
class SetColumn:
    """A distance between all songs of a method and the band's.

    Attributes:
        column: what readers see.
        feature: what it is computed of.
        distance: between the windows of a method's songs and the reference's, [n, d] and [m, d].
    """

    column: Column
    feature: Feature
    distance: Callable[[np.ndarray, np.ndarray], float]


@dataclasses.dataclass(frozen=True)
class PlayColumn:
    """A number that is known when a song has been played (see `playing`).

    Attributes:
        column: what readers see.
    """

    column: Column


AnyColumn = SongColumn | WindowColumn | SetColumn | PlayColumn
