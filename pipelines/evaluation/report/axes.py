"""The axes of a chart: a column's numbers to pixels, better always upwards or to the right."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from matplotlib.ticker import MaxNLocator

from pipelines.evaluation.report.choice import estimate
from pipelines.evaluation.report.labels import Box
from pipelines.evaluation.results import Column, Row
from pipelines.html.nodes import node

_LEFT, _RIGHT, _TOP, _BOTTOM = 58.0, 10.0, 10.0, 46.0
"""Margins round the plot, pixels."""

_SIGN_WIDTH, _SIGN_HEIGHT = 80.0, 26.0
_MARGIN = 0.08
_NARROW = 450


@dataclasses.dataclass(frozen=True)
class Scale:
    """A column's numbers to pixels.

    Attributes:
        column: whose numbers.
        worst: the number at `start`.
        best: the number at `end`.
        start: pixels.
        end: likewise.
    """

    column: Column
    worst: float
    best: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Position of a number on the axis, in pixels."""
        share = (value - self.worst) / (self.best - self.worst)
        return self.start + share * (self.end - self.start)

    def ticks(self, count: int) -> list[float]:
        """At most so many round numbers, lowest first."""
        low, high = sorted((self.worst, self.best))
        steps = MaxNLocator(count, steps=[1, 2, 5, 10]).tick_values(low, high)
        return [float(tick) for tick in steps if low <= tick <= high]

    @property
    def title(self) -> str:
        """Says so where the axis runs backwards."""
        name = f"{self.column.name}{', ' if self.column.unit else ''}{self.column.unit}"
        return f"{name} →" if self.column.higher_is_better else f"{name} (less is better) →"


def fit(rows: Sequence[Row], column: Column, start: float, end: float) -> Scale:
    """A scale from the worst interval's end to the best, with a margin; at least one row has the column."""
    found = [each for row in rows if (each := estimate(row, column))]
    values = [each for one in found for each in (one.mean, one.low, one.high) if each is not None]
    low, high = min(values), max(values)
    margin = _MARGIN * (high - low) or _MARGIN * max(abs(high), 1.0)
    ends = (low - margin, high + margin)
    worst, best = ends if column.higher_is_better else ends[::-1]
    return Scale(column, worst, best, start, end)


def plot_area(width: float, height: float) -> Box:
    """Area of the plot: a drawing of this size without its margins."""
    return Box(_LEFT, _TOP, width - _RIGHT, height - _BOTTOM)


def sign_area(area: Box) -> Box:
    """Area of the plot that is covered by the sign for the better direction."""
    return Box(area.right - _SIGN_WIDTH, area.top, area.right, area.top + _SIGN_HEIGHT)


def grid(across: Scale, upwards: Scale, area: Box) -> Iterator[Element]:
    """Frame, grid lines, ticks, axis titles and the sign."""
    size = {"width": area.right - area.left, "height": area.bottom - area.top}
    yield node("rect", x=area.left, y=area.top, class_="plot", **size)
    yield from _columns(across, area)
    yield from _rows(upwards, area)
    yield node("text", "better ↗", x=area.right - 8, y=area.top + 19, class_="better end")


def _columns(scale: Scale, area: Box) -> Iterator[Element]:
    for tick in scale.ticks(6 if area.right > _NARROW else 4):
        x = scale(tick)
        yield node("line", x1=x, x2=x, y1=area.top, y2=area.bottom, class_="grid")
        yield node("text", _number(tick), x=x, y=area.bottom + 17, class_="tick middle")
    middle = (area.left + area.right) / 2
    yield node("text", scale.title, x=middle, y=area.bottom + 38, class_="title middle")


def _rows(scale: Scale, area: Box) -> Iterator[Element]:
    for tick in scale.ticks(6):
        y = scale(tick)
        yield node("line", x1=area.left, x2=area.right, y1=y, y2=y, class_="grid")
        yield node("text", _number(tick), x=area.left - 7, y=y + 4, class_="tick end")
    turned = f"translate(14 {(area.top + area.bottom) / 2:g}) rotate(-90)"
    yield node("text", scale.title, transform=turned, class_="title middle")


def _number(tick: float) -> str:
    """Ticks next to zero are zero: steps of a tenth do not add up to it exactly."""
    return f"{tick:g}".replace("-", "\N{MINUS SIGN}") if abs(tick) > 1e-12 else "0"
