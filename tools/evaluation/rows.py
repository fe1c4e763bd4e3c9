"""From what was measured of every song to the rows of the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from pipelines.errors import UserError
from pipelines.metrics.bootstrap import bootstrap_interval, jackknife_interval
from tools.evaluation.columns import AnyColumn, SetColumn, SongColumn, Style, WindowColumn
from tools.evaluation.context import Warnings
from tools.evaluation.results import Estimate, Method, Row
from tools.evaluation.store import Measured


def row(
    method: Method,
    measured: Mapping[str, Measured],
    audio: Mapping[str, str],
    columns: Sequence[AnyColumn],
    style: Style,
    warn: Warnings,
) -> Row:
    """One row.

    Args:
        method: whose.
        measured: by the song's name.
        audio: likewise.
        columns: what to show.
        style: what style is judged by.
        warn: takes a sentence for every column that could not be measured.
    """
    problems = _Problems(method, len(measured), warn)
    songs = {name: _song(each, columns, style, problems) for name, each in measured.items()}
    estimates = {}
    for entry in columns:
        key = entry.column.key
        if isinstance(entry, SetColumn):
            windows = [
                each.features[entry.feature] for each in measured.values() if entry.feature in each.features
            ]
            estimate = _of_set(entry, windows, style, problems)
        else:
            estimate = _of_songs([values[key] for values in songs.values() if key in values])
        if estimate is not None:
            estimates[key] = estimate
    problems.tell()
    return Row(method, estimates, songs, audio)


class _Problems:
    """Collects what went wrong in a row, so that a column is complained of once."""

    def __init__(self, method: Method, songs: int, warn: Warnings) -> None:
        self._method, self._songs, self._warn = method, songs, warn
        self._counts: dict[tuple[str, str], int] = {}

    def add(self, entry: AnyColumn, sentence: str) -> None:
        place = entry.column.name, sentence
        self._counts[place] = self._counts.get(place, 0) + 1

    def tell(self) -> None:
        for (column, sentence), count in self._counts.items():
            where = f"{count} of {self._songs} songs"
            self._warn(f"{column} of {self._method.name} is missing for {where}: {sentence}")


def _song(
    measured: Measured, columns: Sequence[AnyColumn], style: Style, problems: _Problems
) -> dict[str, float]:
    """A song's own numbers."""
    values = {}
    for entry in columns:
        key = entry.column.key
        if isinstance(entry, SongColumn):
            if key in measured.problems:
                problems.add(entry, measured.problems[key])
            elif key in measured.values:
                values[key] = measured.values[key]
        elif isinstance(entry, WindowColumn) and style.classifier is not None:
            value = (
                entry.measure(measured.features[entry.feature], style)
                if entry.feature in measured.features
                else np.nan
            )
            if np.isfinite(value):
                values[key] = value
    return values


def _of_songs(values: list[float]) -> Estimate | None:
    if not values:
        return None
    low, high = bootstrap_interval(values)
    return _estimate(float(np.mean(values)), low, high)


def _of_set(
    entry: SetColumn, windows: list[np.ndarray], style: Style, problems: _Problems
) -> Estimate | None:
    """The distance of all windows to the reference."""
    reference = style.reference[entry.feature]
    heard = [each for each in windows if len(each)]
    try:
        if not heard:
            raise UserError("nothing was heard in them")
        value = entry.distance(np.concatenate(heard), reference)
        low, high = jackknife_interval(heard, lambda each: entry.distance(each, reference))
    except UserError as error:
        problems.add(entry, str(error))
        return None
    return _estimate(value, low, high)


def _estimate(value: float, low: float, high: float) -> Estimate:
    if not (np.isfinite(low) and np.isfinite(high)):
        return Estimate(value)
    return Estimate(value, low, high)
