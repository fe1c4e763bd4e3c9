"""Results of an evaluation: its columns, its rows and their numbers, as plain values."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

Group = Literal["paired", "content", "style", "cost"]
"""Group of a column: nearness to the truth, how much of the song is kept, nearness to the band, or cost."""

GROUPS: tuple[Group, ...] = ("paired", "content", "style", "cost")
"""In the order in which they are shown."""

RESULT_FILE = "evaluation.json"
"""The file in an evaluation's folder."""


@dataclasses.dataclass(frozen=True)
class Column:
    """One number that is measured of every method.

    Attributes:
        key: its name in JSON, such as "lsd_frequency".
        name: its heading, such as "LSD (frequency)".
        unit: such as "dB"; empty for a plain number.
        higher_is_better: which way is better.
        group: see `Group`.
        explanation: a plain sentence: what it means.
        digits: after the decimal point.
    """

    key: str
    name: str
    unit: str
    higher_is_better: bool
    group: Group
    explanation: str
    digits: int = 2

    @property
    def arrow(self) -> str:
        """Arrow in the better direction, for headings."""
        return "↑" if self.higher_is_better else "↓"

    @property
    def heading(self) -> str:
        """Name, unit and direction: "LSD (frequency), dB ↓"."""
        return f"{self.name}{', ' if self.unit else ''}{self.unit} {self.arrow}"


@dataclasses.dataclass(frozen=True)
class Estimate:
    """A column's number of one method.

    Attributes:
        mean: over songs; of a distance between sets of songs, the distance itself.
        low: lower end of the 95 % interval over songs, None where there are too few songs.
        high: upper end, likewise.
    """

    mean: float
    low: float | None = None
    high: float | None = None


@dataclasses.dataclass(frozen=True)
class Method:
    """Method of producing covers of the songs, which has one row in the table.

    Attributes:
        key: name of its folder of sounds and in JSON: lower-case letters, digits and hyphens.
        name: label, for readers.
        kind: a "baseline" that every model has to beat, the "bound" that none can, or a "model".
        explanation: a plain sentence: how its sounds are made.
    """

    key: str
    name: str
    kind: Literal["baseline", "bound", "model"]
    explanation: str


@dataclasses.dataclass(frozen=True)
class Song:
    """One song that was played.

    Attributes:
        name: of the song.
        seconds: its length.
        source: the song as it was given, a path relative to the evaluation's folder, at the common loudness.
        truth: the same piece as the band really plays it, likewise; None where nobody has it.
    """

    name: str
    seconds: float
    source: str
    truth: str | None = None


@dataclasses.dataclass(frozen=True)
class Row:
    """All that was measured of one method.

    Attributes:
        method: which.
        estimates: by the column's key; columns that could not be measured are missing.
        songs: by the song's name, then by the column's key: the song's own number. Distances between sets of
            songs have none; a song that failed is missing.
        audio: by the song's name: its sound, a path relative to the evaluation's folder, at the common
            loudness.
    """

    method: Method
    estimates: Mapping[str, Estimate]
    songs: Mapping[str, Mapping[str, float]]
    audio: Mapping[str, str]


@dataclasses.dataclass(frozen=True)
class Anchor:
    """A row of a published table, beside which ours is put.

    Attributes:
        name: the published row's name.
        published: its numbers by the column's key.
        ours: of our row of that kind, likewise; None without such a row.
    """

    name: str
    published: Mapping[str, float]
    ours: Mapping[str, float] | None


@dataclasses.dataclass(frozen=True)
class Anchors:
    """The comparison with a published table.

    Attributes:
        source: where the published numbers are from.
        columns: keys of the columns.
        rows: its rows.
        holds: whether our rows show the published pattern; None where that cannot be said.
        sentence: that, in words.
    """

    source: str
    columns: tuple[str, ...]
    rows: tuple[Anchor, ...]
    holds: bool | None
    sentence: str


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """The whole result.

    Attributes:
        settings: what was evaluated on what, in words: {"style reference": "12 songs"}.
        sample_rate: of all sounds, Hz.
        songs: what was played.
        columns: what was measured; only those that at least one row has.
        rows: baselines, bound and models, in the order in which to show them.
        anchors: the published comparison, None without the truth.
        warnings: what could not be measured and why, a sentence each.
    """

    settings: Mapping[str, str]
    sample_rate: int
    songs: tuple[Song, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    anchors: Anchors | None = None
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; numbers that are not finite become null."""
        return _plain(dataclasses.asdict(self))

    def save(self, folder: Path) -> Path:
        """Writes `RESULT_FILE` into a folder that exists; returns its path."""
        path = folder / RESULT_FILE
        path.write_text(json.dumps(self.to_dict(), indent=2) + "\n", encoding="utf-8")
        return path


def _plain(value: Any) -> Any:
    """The same with lists for tuples and None for numbers that JSON does not have."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
