"""Axes of the scatter: better values are always further up or to the right."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from pipelines.evaluation.report.labels import Box
from pipelines.evaluation.report.selection import estimate
from pipelines.evaluation.results import Column, Row
from pipelines.html.axes import LinearAxis, horizontal_line, tick_label, vertical_line, vertical_title
from pipelines.html.nodes import node

_LEFT, _RIGHT, _TOP, _BOTTOM = 58.0, 10.0, 10.0, 46.0
"""Margins around the plot, pixels."""

_NOTE_WIDTH, _NOTE_HEIGHT = 80.0, 26.0
_MARGIN = 0.08
_NARROW = 450


@dataclasses.dataclass(frozen=True)
class ColumnAxis(LinearAxis):
    """Axis of a column, from its worst value to its best.

    Attributes:
        column: the column.
    """

    column: Column

    @property
    def title(self) -> str:
        """Title, which says so if the axis is reversed."""
        name = f"{self.column.name}{', ' if self.column.unit else ''}{self.column.unit}"
        return f"{name} →" if self.column.higher_is_better else f"{name} ({self.column.direction}) →"


def column_axis(rows: Sequence[Row], column: Column, start: float, end: float) -> ColumnAxis:
    """Axis that includes all intervals of a column with a margin; at least one row has the column."""
    found = [each for row in rows if (each := estimate(row, column))]
    values = [each for one in found for each in (one.mean, one.low, one.high) if each is not None]
    low, high = min(values), max(values)
    margin = _MARGIN * (high - low) or _MARGIN * max(abs(high), 1.0)
    ends = (low - margin, high + margin)
    worst, best = ends if column.higher_is_better else ends[::-1]
    return ColumnAxis(worst, best, start, end, column)


def plot_area(width: float, height: float) -> Box:
    """Area of the plot: a drawing of this size without its margins."""
    return Box(_LEFT, _TOP, width - _RIGHT, height - _BOTTOM)


def note_area(area: Box) -> Box:
    """Area of the plot that is covered by the note "better"."""
    return Box(area.right - _NOTE_WIDTH, area.top, area.right, area.top + _NOTE_HEIGHT)


def grid(across: ColumnAxis, upwards: ColumnAxis, area: Box) -> Iterator[Element]:
    """Frame, grid lines, ticks, axis titles and the note "better"."""
    size = {"width": area.right - area.left, "height": area.bottom - area.top}
    yield node("rect", x=area.left, y=area.top, class_="plot", **size)
    for tick in across.ticks(6 if area.right > _NARROW else 4):
        yield from vertical_line(across(tick), area.top, area.bottom, tick_label(tick), gap=17)
    middle = (area.left + area.right) / 2
    yield node("text", across.title, x=middle, y=area.bottom + 38, class_="title middle")
    for tick in upwards.ticks(6):
        yield from horizontal_line(upwards(tick), area.left, area.right, tick_label(tick))
    yield vertical_title(upwards.title, area.top, area.bottom)
    yield node("text", "better ↗", x=area.right - 8, y=area.top + 19, class_="better end")
