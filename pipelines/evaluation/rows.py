"""Rows of the table: summaries over the measured songs of each system, and their missing values."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence

import numpy as np

from pipelines.errors import UserError
from pipelines.evaluation.columns import (
    AnyColumn,
    SetColumn,
    SongColumn,
    StyleReference,
    TwoSampleColumn,
    WindowColumn,
)
from pipelines.evaluation.context import WarningLog
from pipelines.evaluation.results import Estimate, Method, Row
from pipelines.evaluation.store import Measurements
from pipelines.metrics.bootstrap import bootstrap_interval, jackknife_interval
from pipelines.metrics.two_sample import two_sample_test


class MissingValues:
    """Missing values of an evaluation, grouped so that every reason is reported once."""

    def __init__(self) -> None:
        """Creates an empty collection."""
        self._found: dict[tuple[str, str], dict[str, int]] = {}

    def add(self, entry: AnyColumn, method: Method, reason: str) -> None:
        """Adds one missing number.

        Args:
            entry: its column.
            method: its row.
            reason: a sentence without a full stop.
        """
        methods = self._found.setdefault((entry.column.name, reason), {})
        methods[method.name] = methods.get(method.name, 0) + 1

    def report(self, warn: WarningLog) -> None:
        """Issues one warning for each column and reason."""
        for (column, reason), methods in self._found.items():
            where = ", ".join(
                f"{name}{f' ({count} songs)' if count > 1 else ''}" for name, count in methods.items()
            )
            warn(f"{column} is missing for {where}: {reason}")


def summarise(
    method: Method,
    measurements: Mapping[str, Measurements],
    audio: Mapping[str, str],
    columns: Sequence[AnyColumn],
    style: StyleReference,
    missing: MissingValues,
) -> Row:
    """Row of one system: estimates with 95 % intervals over songs.

    Args:
        method: name and kind of the row.
        measurements: by song name.
        audio: paths of the published translations, by song name.
        columns: the columns of the table.
        style: style reference of the evaluation.
        missing: collects the values that could not be measured.
    """
    songs = {name: _song(method, each, columns, style, missing) for name, each in measurements.items()}
    estimates = {}
    for entry in columns:
        key = entry.column.key
        if isinstance(entry, SetColumn):
            estimate = _set_estimate(method, entry, list(measurements.values()), style, missing)
        elif isinstance(entry, TwoSampleColumn):
            estimate = _two_sample_estimate(method, entry, list(measurements.values()), style, missing)
        else:
            estimate = _mean_estimate([song[key] for song in songs.values() if key in song])
        if estimate is not None:
            estimates[key] = estimate
    return Row(method, estimates, songs, audio)


def _song(
    method: Method,
    measurements: Measurements,
    columns: Sequence[AnyColumn],
    style: StyleReference,
    missing: MissingValues,
) -> dict[str, float]:
    """Numbers of one song, by column key."""
    values = dict(measurements.values)
    for entry in columns:
        key = entry.column.key
        if isinstance(entry, SongColumn) and key in measurements.missing:
            missing.add(entry, method, measurements.missing[key])
        if isinstance(entry, WindowColumn) and len(measurements.features.get(entry.feature, ())):
            with contextlib.suppress(UserError):  # a warning was issued when the reference was built
                values[key] = entry.measure(measurements.features[entry.feature], style)
    return values


def _mean_estimate(values: list[float]) -> Estimate | None:
    """Mean over songs with its bootstrap interval; None without songs."""
    return _estimate(float(np.mean(values)), *bootstrap_interval(values)) if values else None


def _set_estimate(
    method: Method,
    entry: SetColumn,
    measurements: list[Measurements],
    style: StyleReference,
    missing: MissingValues,
) -> Estimate | None:
    """Distance of all windows to the reference with its jackknife interval; None if it is undefined."""
    windows = [
        each.features[entry.feature] for each in measurements if len(each.features.get(entry.feature, ()))
    ]
    reference = style.windows[entry.feature]
    try:
        if not windows:
            raise UserError("all translations are silent")
        value = entry.distance(np.concatenate(windows), reference)
    except UserError as error:
        missing.add(entry, method, str(error))
        return None
    return _estimate(value, *_set_interval(entry, windows, reference))


def _two_sample_estimate(
    method: Method,
    entry: TwoSampleColumn,
    measurements: list[Measurements],
    style: StyleReference,
    missing: MissingValues,
) -> Estimate | None:
    """Accuracy of the classifier with its bootstrap interval; None if it cannot be trained."""
    covers = [each.features[entry.feature] for each in measurements if entry.feature in each.features]
    try:
        test = two_sample_test(covers, style.songs[entry.feature])
    except UserError as error:
        missing.add(entry, method, str(error))
        return None
    return _estimate(test.accuracy, test.low, test.high)


def _set_interval(entry: SetColumn, windows: list[np.ndarray], reference: np.ndarray) -> tuple[float, float]:
    try:
        return jackknife_interval(windows, lambda each: entry.distance(each, reference))
    except UserError:  # without one of the songs, too few windows remain
        return float("nan"), float("nan")


def _estimate(value: float, low: float, high: float) -> Estimate:
    known = np.isfinite(low) and np.isfinite(high)
    return Estimate(value, low, high) if known else Estimate(value)
