"""The scatter: content upwards, style to the right, every method a labelled dot with its intervals.

Drawn as SVG whose colours are the page's, so that it reads in light and dark.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from pipelines.evaluation.report.axes import Scale, fit, grid, plot_area, sign_area
from pipelines.evaluation.report.choice import Axes, estimate
from pipelines.evaluation.report.labels import Anchor, Box, place
from pipelines.evaluation.report.numbers import whole
from pipelines.evaluation.results import Estimate, Evaluation, Method
from pipelines.html.marks import RADIUS, mark
from pipelines.html.nodes import node

_LETTER, _LINE = 8.0, 16.0
"""Generous sizes of a letter and a line at 13 pixels, whatever the reader's font is."""

_LONGEST = 24
_NEAR = 3 * RADIUS


@dataclasses.dataclass(frozen=True)
class _Dot:
    """A method on the chart: its centre, and the ends of its intervals, pixels."""

    method: Method
    x: float
    y: float
    across: tuple[float, float]
    upwards: tuple[float, float]

    @property
    def label(self) -> str:
        """The method's name, cut short when there is no room for it."""
        name = self.method.name
        return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"

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
    """One chart.

    Args:
        evaluation: rows that have both columns become dots; at least one has.
        axes: which columns; "better" is up and to the right whichever way a column counts.
        width: of the drawing, pixels; texts keep their size relative to it.
        height: likewise.
    """
    area = plot_area(width, height)
    rows = [row for row in evaluation.rows if estimate(row, axes.style) and estimate(row, axes.content)]
    across = fit(rows, axes.style, area.left, area.right)
    upwards = fit(rows, axes.content, area.bottom, area.top)
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


def _dot(method: Method, style: Estimate, content: Estimate, across: Scale, upwards: Scale) -> _Dot:
    ends = (_ends(style, across), _ends(content, upwards))
    return _Dot(method, across(style.mean), upwards(content.mean), *ends)


def _ends(found: Estimate, scale: Scale) -> tuple[float, float]:
    """Of an interval, pixels, in rising order; without one, the dot."""
    low = scale(found.mean if found.low is None else found.low)
    high = scale(found.mean if found.high is None else found.high)
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
    """Names beside their dots; those that had to move away get a thin line."""
    anchors = [Anchor(dot.x, dot.y, _LETTER * len(dot.label), _LINE) for dot in dots]
    inside = Box(area.left + 2, area.top + 2, area.right - 2, area.bottom - 2)
    solid = [sign_area(area), *(dot.box for dot in dots)]
    boxes = place(anchors, inside, solid, [bar for dot in dots for bar in dot.bars])
    for dot, box in zip(dots, boxes, strict=True):
        x, y = box.nearest(dot.x, dot.y)
        if abs(x - dot.x) + abs(y - dot.y) > _NEAR:
            yield node("line", x1=dot.x, y1=dot.y, x2=x, y2=y, class_="leader")
    yield from (_label(dot, box) for dot, box in zip(dots, boxes, strict=True))


def _label(dot: _Dot, box: Box) -> Element:
    """The text is narrower than its generous box: it leans towards its dot."""
    if dot.x <= box.left:
        side, x = "start", box.left
    elif dot.x >= box.right:
        side, x = "end", box.right
    else:
        side, x = "middle", (box.left + box.right) / 2
    return node("text", dot.label, x=x, y=box.bottom - 4, class_=f"label {dot.method.kind} {side}")


def _description(evaluation: Evaluation, axes: Axes) -> str:
    """The chart in words, for those who do not see it."""
    methods = []
    for row in evaluation.rows:
        content, style = estimate(row, axes.content), estimate(row, axes.style)
        if content and style:
            methods.append(f"{row.method.name}: {whole(content, axes.content)}, {whole(style, axes.style)}")
    title = f"Scatter of {axes.content.name} against {axes.style.name}, 95 % intervals in brackets"
    return f"{title}. {'; '.join(methods)}."
