"""Scatter plot of content (upwards) and style (to the right): labelled marks with intervals.

Drawn as SVG in the colours of the page's style sheet, light and dark.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from pipelines.evaluation.formatting import mean_and_interval
from pipelines.evaluation.report.axes import ColumnAxis, column_axis, grid, note_area, plot_area
from pipelines.evaluation.report.labels import Box, Label, place_labels
from pipelines.evaluation.report.selection import Axes, estimate
from pipelines.evaluation.results import Estimate, Evaluation, Method
from pipelines.html.components import RADIUS, mark
from pipelines.html.nodes import node

_LETTER, _LINE = 8.0, 16.0
"""Upper estimates of the width of a letter and the height of a line at 13 pixels, for any font."""

_MAX_LETTERS = 24
_LEADER_DISTANCE = 3 * RADIUS
"""Labels that are further away from their marks get a leader line."""


@dataclasses.dataclass(frozen=True)
class _Dot:
    """Mark of a method: its centre, and the ends of its intervals, pixels."""

    method: Method
    x: float
    y: float
    across: tuple[float, float]
    upwards: tuple[float, float]

    @property
    def label(self) -> str:
        """The method's name, abbreviated if it is too long."""
        name = self.method.name
        return name if len(name) <= _MAX_LETTERS else f"{name[: _MAX_LETTERS - 1]}…"

    @property
    def bars(self) -> list[Box]:
        """Both intervals as thin boxes."""
        (left, right), (top, bottom) = self.across, self.upwards
        return [Box(left, self.y - 2, right, self.y + 2), Box(self.x - 2, top, self.x + 2, bottom)]

    @property
    def box(self) -> Box:
        """Bounding box of the mark."""
        return Box(self.x - RADIUS, self.y - RADIUS, self.x + RADIUS, self.y + RADIUS)


def scatter(evaluation: Evaluation, axes: Axes, width: float, height: float) -> Element:
    """Draws one scatter plot.

    Args:
        evaluation: rows that have both columns are drawn; at least one has.
        axes: the columns; better values are further up or to the right.
        width: of the drawing, pixels; the text size is relative to it.
        height: likewise.
    """
    area = plot_area(width, height)
    rows = [row for row in evaluation.rows if estimate(row, axes.style) and estimate(row, axes.content)]
    across = column_axis(rows, axes.style, area.left, area.right)
    upwards = column_axis(rows, axes.content, area.bottom, area.top)
    found = [(row.method, estimate(row, axes.style), estimate(row, axes.content)) for row in rows]
    dots = [_dot(each, x, y, across, upwards) for each, x, y in found if x and y]
    parts = [
        *grid(across, upwards, area),
        *(_bars(dot) for dot in dots),
        *(_mark(dot) for dot in dots),
        *_labels(dots, area),
    ]
    words = _description(evaluation, axes)
    box = f"0 0 {width:g} {height:g}"
    return node("svg", *parts, class_="chart", viewBox=box, role="img", aria_label=words)


def _dot(method: Method, style: Estimate, content: Estimate, across: ColumnAxis, upwards: ColumnAxis) -> _Dot:
    ends = (_ends(style, across), _ends(content, upwards))
    return _Dot(method, across(style.mean), upwards(content.mean), *ends)


def _ends(found: Estimate, axis: ColumnAxis) -> tuple[float, float]:
    """Ends of an interval, pixels, in rising order; the mean's position without one."""
    low = axis(found.mean if found.low is None else found.low)
    high = axis(found.mean if found.high is None else found.high)
    return min(low, high), max(low, high)


def _bars(dot: _Dot) -> Element:
    (left, right), (top, bottom) = dot.across, dot.upwards
    lines = (
        node("line", x1=left, x2=right, y1=dot.y, y2=dot.y),
        node("line", x1=dot.x, x2=dot.x, y1=top, y2=bottom),
    )
    return node("g", *lines, class_=f"bars {dot.method.kind}")


def _mark(dot: _Dot) -> Element:
    return node("g", node("title", dot.method.name), mark(dot.method.kind, dot.x, dot.y))


def _labels(dots: Sequence[_Dot], area: Box) -> Iterator[Element]:
    """Names of the methods; those far away from their marks get a leader line."""
    labels = [Label(dot.x, dot.y, _LETTER * len(dot.label), _LINE) for dot in dots]
    inside = Box(area.left + 2, area.top + 2, area.right - 2, area.bottom - 2)
    obstacles = [note_area(area), *(dot.box for dot in dots)]
    boxes = place_labels(labels, inside, obstacles, [bar for dot in dots for bar in dot.bars])
    for dot, box in zip(dots, boxes, strict=True):
        x, y = box.nearest(dot.x, dot.y)
        if abs(x - dot.x) + abs(y - dot.y) > _LEADER_DISTANCE:
            yield node("line", x1=dot.x, y1=dot.y, x2=x, y2=y, class_="leader")
    yield from (_label(dot, box) for dot, box in zip(dots, boxes, strict=True))


def _label(dot: _Dot, box: Box) -> Element:
    """Text of a label, aligned towards its mark because it is narrower than its box."""
    if dot.x <= box.left:
        side, x = "start", box.left
    elif dot.x >= box.right:
        side, x = "end", box.right
    else:
        side, x = "middle", (box.left + box.right) / 2
    return node("text", dot.label, x=x, y=box.bottom - 4, class_=f"label {dot.method.kind} {side}")


def _description(evaluation: Evaluation, axes: Axes) -> str:
    """Text alternative of the chart for screen readers."""
    methods = []
    for row in evaluation.rows:
        content, style = estimate(row, axes.content), estimate(row, axes.style)
        if content and style:
            estimates = (mean_and_interval(content, axes.content), mean_and_interval(style, axes.style))
            methods.append(f"{row.method.name}: {', '.join(estimates)}")
    title = f"Scatter of {axes.content.name} against {axes.style.name}, 95 % intervals in brackets"
    return f"{title}. {'; '.join(methods)}."
