"""Linear chart axes: mapping of values to pixels, ticks and grid lines."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from matplotlib.ticker import MaxNLocator

from pipelines.html.nodes import node


@dataclasses.dataclass(frozen=True)
class LinearAxis:
    """Linear mapping of values to pixels.

    Attributes:
        first: value at `start`.
        last: value at `end`; smaller than `first` on a reversed axis.
        start: pixels.
        end: pixels.
    """

    first: float
    last: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Position of a value, pixels."""
        return self.start + (value - self.first) / (self.last - self.first) * (self.end - self.start)

    def ticks(self, max_count: int) -> list[float]:
        """At most `max_count` round values within the axis, in rising order."""
        low, high = sorted((self.first, self.last))
        steps = MaxNLocator(max_count, steps=[1, 2, 5, 10]).tick_values(low, high)
        return [float(tick) for tick in steps if low <= tick <= high]


def tick_label(value: float) -> str:
    """Text of a tick. Values next to zero are zero: steps of a tenth do not add up to it exactly."""
    return f"{value:g}".replace("-", "\N{MINUS SIGN}") if abs(value) > 1e-12 else "0"


def vertical_line(x: float, top: float, bottom: float, label: str, gap: float) -> Iterator[Element]:
    """Grid line at a position, with its label `gap` pixels below."""
    yield node("line", x1=x, x2=x, y1=top, y2=bottom, class_="grid")
    yield node("text", label, x=x, y=bottom + gap, class_="tick middle")


def horizontal_line(y: float, left: float, right: float, label: str) -> Iterator[Element]:
    """Grid line at a position, with its label on the left."""
    yield node("line", x1=left, x2=right, y1=y, y2=y, class_="grid")
    yield node("text", label, x=left - 7, y=y + 4, class_="tick end")


def vertical_title(text: str, top: float, bottom: float) -> Element:
    """Rotated title of a vertical axis."""
    rotated = f"translate(14 {(top + bottom) / 2:g}) rotate(-90)"
    return node("text", text, transform=rotated, class_="title middle")
