"""From what was measured of every song to the rows of the table."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence

import numpy as np

from pipelines.errors import UserError
from pipelines.evaluation.columns import AnyColumn, SetColumn, SongColumn, Style, WindowColumn
from pipelines.evaluation.missing_values import Problems
from pipelines.evaluation.results import Estimate, Method, Row
from pipelines.evaluation.store import Measured
from pipelines.metrics.bootstrap import bootstrap_interval, jackknife_interval


def row(
    method: Method,
    measured: Mapping[str, Measured],
    audio: Mapping[str, str],
    columns: Sequence[AnyColumn],
    style: Style,
    problems: Problems,
) -> Row:
    """One row.

    Args:
        method: whose.
        measured: by the song's name.
        audio: likewise.
        columns: what to show.
        style: what style is judged by.
        problems: takes what could not be measured.
    """
    songs = {name: _song(method, each, columns, style, problems) for name, each in measured.items()}
    estimates = {}
    for entry in columns:
        if isinstance(entry, SetColumn):
            estimate = _of_set(method, entry, list(measured.values()), style, problems)
        else:
            estimate = _of_songs(
                [song[entry.column.key] for song in songs.values() if entry.column.key in song]
            )
        if estimate is not None:
            estimates[entry.column.key] = estimate
    return Row(method, estimates, songs, audio)


def _song(
    method: Method, measured: Measured, columns: Sequence[AnyColumn], style: Style, problems: Problems
) -> dict[str, float]:
    """A song's own numbers."""
    values = dict(measured.values)
    for entry in columns:
        key = entry.column.key
        if isinstance(entry, SongColumn) and key in measured.problems:
            problems.add(entry, method, measured.problems[key])
        if isinstance(entry, WindowColumn) and len(measured.features.get(entry.feature, ())):
            with contextlib.suppress(UserError):  # what the style lacks was said when it was made
                values[key] = entry.measure(measured.features[entry.feature], style)
    return values


def _of_songs(values: list[float]) -> Estimate | None:
    """The mean over songs."""
    return _estimate(float(np.mean(values)), *bootstrap_interval(values)) if values else None


def _of_set(
    method: Method, entry: SetColumn, measured: list[Measured], style: Style, problems: Problems
) -> Estimate | None:
    """The distance of all windows to the reference."""
    windows = [each.features[entry.feature] for each in measured if len(each.features.get(entry.feature, ()))]
    reference = style.reference[entry.feature]
    try:
        if not windows:
            raise UserError("nothing was heard")
        value = entry.distance(np.concatenate(windows), reference)
    except UserError as error:
        problems.add(entry, method, str(error))
        return None
    return _estimate(value, *_interval(entry, windows, reference))


def _interval(entry: SetColumn, windows: list[np.ndarray], reference: np.ndarray) -> tuple[float, float]:
    try:
        return jackknife_interval(windows, lambda each: entry.distance(each, reference))
    except UserError:  # without one of the songs, too little is left to be compared
        return float("nan"), float("nan")


def _estimate(value: float, low: float, high: float) -> Estimate:
    known = np.isfinite(low) and np.isfinite(high)
    return Estimate(value, low, high) if known else Estimate(value)
