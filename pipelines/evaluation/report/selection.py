"""Selection of what the report shows first: the decisive column, the scatter's axes and the ranking."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from pipelines.evaluation import balance
from pipelines.evaluation.results import Column, Estimate, Evaluation, Group, Row
from pipelines.html.nodes import is_number

TRUTH_KEYS = ("log_mel_error", "lsd_frequency", "multi_stft")
CONTENT_KEYS = ("content_kept", "multipitch", "chroma_to_truth", "chroma_to_source", "melody")
STYLE_KEYS = ("style_reached", "probability", "kad_embedding", "kad_statistics")
"""Preferred columns of each group; the first measured one is used, and the second scatter uses the next."""

_MIN_ROWS = 2


@dataclasses.dataclass(frozen=True)
class Axes:
    """Columns of a scatter, both measured of at least two rows.

    Attributes:
        content: column of content preservation.
        style: column of similarity to the band.
    """

    content: Column
    style: Column

    @property
    def columns(self) -> tuple[Column, Column]:
        """Both columns."""
        return self.content, self.style


def estimate(row: Row, column: Column) -> Estimate | None:
    """Estimate of a row's column, None without a finite mean; an interval with an infinite end is dropped."""
    found = row.estimates.get(column.key)
    if found is None or not is_number(found.mean):
        return None
    whole = is_number(found.low) and is_number(found.high)
    return found if whole else Estimate(found.mean)


def decisive(evaluation: Evaluation) -> Column | None:
    """Column of the distance to the truth that ranks the rows; None without the truth."""
    return next(iter(_ordered(evaluation, TRUTH_KEYS, "paired")), None)


def balance_columns(evaluation: Evaluation) -> tuple[Column, Column, Column] | None:
    """Columns of the balance, of content kept and of style reached; None where they are not measured."""
    found = {column.key: column for column in evaluation.columns}
    keys = (balance.BALANCE.key, balance.CONTENT_KEPT.key, balance.STYLE_REACHED.key)
    whole, content, style = (found.get(key) for key in keys)
    return (whole, content, style) if whole and content and style else None


def views(evaluation: Evaluation, count: int = 2) -> list[Axes]:
    """Axes of at most `count` scatters that have no column in common."""
    content = _ordered(evaluation, CONTENT_KEYS, "content")
    style = _ordered(evaluation, STYLE_KEYS, "style")
    pairs = [Axes(*pair) for pair in zip(content, style, strict=False)]
    return [axes for axes in pairs if _are_comparable(evaluation, axes.columns)][:count]


def without_bounds(evaluation: Evaluation) -> list[Row]:
    """All rows except the upper bounds."""
    return [row for row in evaluation.rows if row.method.kind != "bound"]


def ranking(rows: Iterable[Row], column: Column) -> list[Row]:
    """Rows that have an estimate of the column, best first."""
    means = [(found.mean, row) for row in rows if (found := estimate(row, column))]
    means.sort(key=lambda each: column.merit(each[0]), reverse=True)
    return [row for _, row in means]


def _ordered(evaluation: Evaluation, keys: tuple[str, ...], group: Group) -> list[Column]:
    """Columns of these keys in this order, then the group's others; only those that enough rows have."""
    measured = {c.key: c for c in evaluation.columns if _are_comparable(evaluation, (c,))}
    named = [measured[key] for key in keys if key in measured]
    return named + [c for c in measured.values() if c.group == group and c not in named]


def _are_comparable(evaluation: Evaluation, columns: tuple[Column, ...]) -> bool:
    """True if at least `_MIN_ROWS` rows have an estimate of each of these columns."""
    return sum(all(estimate(row, c) for c in columns) for row in evaluation.rows) >= _MIN_ROWS
