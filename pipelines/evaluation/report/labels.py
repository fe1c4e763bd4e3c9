"""Places for a chart's labels: near their dots, over nothing else."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

_ANGLES = [step * math.pi / 8 for step in (0, 8, 4, 12, 1, 7, 15, 9, 2, 6, 14, 10, 3, 5, 13, 11)]
_REACHES = (10, 16, 24, 34, 46, 60, 78, 100, 130, 170)
# Costs: labels must not meet labels, nor leave the chart; a line under a label is only ugly.
_FORBIDDEN, _OVER_DOT, _OVER_LINE, _PER_PIXEL = 1e6, 1e4, 40.0, 1.0
_ROUNDS = 4


@dataclasses.dataclass(frozen=True)
class Box:
    """A rectangle; y grows downwards, as in SVG."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """True if the two boxes overlap."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def holds(self, other: Box) -> bool:
        """True if the other box lies wholly inside this one."""
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.top <= other.top
            and other.bottom <= self.bottom
        )

    def nearest(self, x: float, y: float) -> tuple[float, float]:
        """The point of the box that is nearest to another point."""
        return min(max(x, self.left), self.right), min(max(y, self.top), self.bottom)


@dataclasses.dataclass(frozen=True)
class Anchor:
    """Anchor of a label: the position of its dot, and the size of the label.

    Attributes:
        x: of the dot, pixels.
        y: likewise.
        width: of the label, pixels.
        height: likewise.
    """

    x: float
    y: float
    width: float
    height: float

    def candidates(self) -> list[tuple[Box, float]]:
        """Boxes round the dot, and how far each is away."""
        return [(self._beside(angle, reach), float(reach)) for reach in _REACHES for angle in _ANGLES]

    def _beside(self, angle: float, reach: float) -> Box:
        """The box that touches the end of a ray of this length."""
        towards_x, towards_y = math.cos(angle), -math.sin(angle)
        centre_x = self.x + towards_x * (reach + self.width / 2)
        centre_y = self.y + towards_y * (reach + self.height / 2)
        return Box(
            centre_x - self.width / 2,
            centre_y - self.height / 2,
            centre_x + self.width / 2,
            centre_y + self.height / 2,
        )


def place(anchors: Sequence[Anchor], frame: Box, dots: Sequence[Box], lines: Sequence[Box]) -> list[Box]:
    """One box for each label, inside the frame and off each other as far as there is room.

    Each takes its cheapest place; then, some rounds long, each moves to the cheapest place among the others.

    Args:
        anchors: the labels' dots and sizes.
        frame: where labels may be.
        dots: what labels must not cover, the anchors' own dots among them.
        lines: what they should not cover, as thin boxes.
    """
    places: list[Box | None] = [None] * len(anchors)
    for _ in range(_ROUNDS):
        for index, anchor in enumerate(anchors):
            others = [box for other, box in enumerate(places) if box and other != index]
            costs = [
                (_cost(box, others, frame, dots, lines) + _PER_PIXEL * reach, number, box)
                for number, (box, reach) in enumerate(anchor.candidates())
            ]
            places[index] = min(costs)[2]
    return [box for box in places if box]


def _cost(box: Box, others: Sequence[Box], frame: Box, dots: Sequence[Box], lines: Sequence[Box]) -> float:
    forbidden = (not frame.holds(box)) + sum(box.meets(other) for other in others)
    covered = sum(box.meets(dot) for dot in dots)
    crossed = sum(box.meets(line) for line in lines)
    return _FORBIDDEN * forbidden + _OVER_DOT * covered + _OVER_LINE * crossed
