"""Results of an evaluation: its columns, its rows and their numbers, as plain values."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

Group = Literal["balance", "paired", "content", "singer", "style", "faults", "cost"]
"""Group of a column: balance of content and style, distance to the truth, content preservation, the singer's
stem, similarity to the band, audible faults, or cost."""

GROUPS: tuple[Group, ...] = ("balance", "paired", "content", "singer", "style", "faults", "cost")
"""All groups in display order."""

RESULT_FILE = "evaluation.json"
"""Name of the file in the evaluation's folder."""


@dataclasses.dataclass(frozen=True)
class Column:
    """Column of the table: one metric, measured of every method.

    Attributes:
        key: its name in JSON, such as "lsd_frequency".
        name: its heading, such as "LSD (frequency)".
        unit: such as "dB"; empty for a plain number.
        higher_is_better: direction of improvement.
        group: see `Group`.
        explanation: meaning of the metric, a sentence for readers.
        digits: number of digits after the decimal point.
        target: the best value, where neither the largest nor the smallest is best; else None.
    """

    key: str
    name: str
    unit: str
    higher_is_better: bool
    group: Group
    explanation: str
    digits: int = 2
    target: float | None = None

    def merit(self, value: float) -> float:
        """Number that is larger for better values."""
        if self.target is not None:
            return -abs(value - self.target)
        return value if self.higher_is_better else -value

    @property
    def arrow(self) -> str:
        """Arrow in the better direction, for headings; towards the target where there is one."""
        if self.target is not None:
            return f"→ {self.target:g}"
        return "↑" if self.higher_is_better else "↓"

    @property
    def direction(self) -> str:
        """The better direction in words."""
        if self.target is not None:
            return f"nearer to {self.target:g} is better"
        return "higher is better" if self.higher_is_better else "lower is better"

    @property
    def heading(self) -> str:
        """Name, unit and direction: "LSD (frequency), dB ↓"."""
        return f"{self.name}{', ' if self.unit else ''}{self.unit} {self.arrow}"


@dataclasses.dataclass(frozen=True)
class Estimate:
    """Estimate of one metric of one method.

    Attributes:
        mean: over songs; for a distance between sets of songs, the distance itself.
        low: lower end of the 95 % interval over songs; None where there are too few songs.
        high: upper end, likewise.
    """

    mean: float
    low: float | None = None
    high: float | None = None


@dataclasses.dataclass(frozen=True)
class Method:
    """Name and kind of a row: the published description of a system.

    Attributes:
        key: name of its audio folder and in JSON: lower-case letters, digits and hyphens.
        name: label for readers.
        kind: "baseline" for a lower reference, "bound" for an upper bound of mel-based systems, or "model".
        explanation: how its translations are produced, a sentence for readers.
    """

    key: str
    name: str
    kind: Literal["baseline", "bound", "model"]
    explanation: str


@dataclasses.dataclass(frozen=True)
class EvaluatedSong:
    """One song of an evaluation.

    Attributes:
        name: of the song.
        seconds: its length.
        source: audio of the source at the training loudness, a path relative to the evaluation's folder.
        truth: the band's own recording, likewise; None if there is none.
    """

    name: str
    seconds: float
    source: str
    truth: str | None = None


@dataclasses.dataclass(frozen=True)
class Row:
    """Row of the table: all measurements of one method.

    Attributes:
        method: name and kind of the row.
        estimates: by column key; columns that could not be measured are left out.
        songs: numbers of single songs, by song name, then by column key. Distances between sets of songs
            have none; a song that failed is left out.
        audio: the translations at the training loudness, by song name: paths relative to the evaluation's
            folder.
    """

    method: Method
    estimates: Mapping[str, Estimate]
    songs: Mapping[str, Mapping[str, float]]
    audio: Mapping[str, str]


@dataclasses.dataclass(frozen=True)
class PublishedRow:
    """Row of a published table and our row of the same kind.

    Attributes:
        name: the published row's name.
        published: its numbers, by column key.
        ours: the numbers of our row, likewise; None without such a row.
    """

    name: str
    published: Mapping[str, float]
    ours: Mapping[str, float] | None


@dataclasses.dataclass(frozen=True)
class PublishedComparison:
    """Comparison with a published table.

    Attributes:
        source: citation of the published numbers.
        columns: keys of the columns.
        rows: rows of the published table.
        holds: true if our rows show the published pattern; None if that is undecided.
        sentence: the pattern, or the deviations from it.
    """

    source: str
    columns: tuple[str, ...]
    rows: tuple[PublishedRow, ...]
    holds: bool | None
    sentence: str


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """Result of an evaluation.

    Attributes:
        settings: data and songs of the evaluation for readers: {"style reference": "12 songs"}.
        sample_rate: of all audio, Hz.
        songs: the songs that were translated.
        columns: the columns that at least one row has.
        rows: baselines, bounds and models in display order.
        published: comparison with published numbers; None without the truth.
        warnings: reasons for missing rows, songs and numbers, a sentence each.
    """

    settings: Mapping[str, str]
    sample_rate: int
    songs: tuple[EvaluatedSong, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    published: PublishedComparison | None = None
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON values; numbers that are not finite become None."""
        return _to_json(dataclasses.asdict(self))

    def save(self, folder: Path) -> Path:
        """Writes `RESULT_FILE` into a folder that exists; returns its path."""
        path = folder / RESULT_FILE
        path.write_text(json.dumps(self.to_dict(), indent=2) + "\n", encoding="utf-8")
        return path


def _to_json(value: Any) -> Any:
    """A value with lists for tuples and None for numbers that JSON cannot represent."""
    if isinstance(value, Mapping):
        return {key: _to_json(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_to_json(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
