"""Label placement in a chart: labels are close to their dots and overlap nothing else."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

_ANGLES = [step * math.pi / 8 for step in (0, 8, 4, 12, 1, 7, 15, 9, 2, 6, 14, 10, 3, 5, 13, 11)]
_DISTANCES = (10, 16, 24, 34, 46, 60, 78, 100, 130, 170)
# Costs: labels must not overlap labels or leave the chart; a line under a label is only undesirable.
_FORBIDDEN, _OVER_DOT, _OVER_LINE, _PER_PIXEL = 1e6, 1e4, 40.0, 1.0
_ROUNDS = 4


@dataclasses.dataclass(frozen=True)
class Box:
    """A rectangle; y grows downwards, as in SVG."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        """True if the two boxes overlap."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def contains(self, other: Box) -> bool:
        """True if the other box lies entirely inside this one."""
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.top <= other.top
            and other.bottom <= self.bottom
        )

    def nearest(self, x: float, y: float) -> tuple[float, float]:
        """Point of the box that is nearest to another point."""
        return min(max(x, self.left), self.right), min(max(y, self.top), self.bottom)


@dataclasses.dataclass(frozen=True)
class Label:
    """Label of a dot.

    Attributes:
        x: of the dot, pixels.
        y: of the dot, pixels.
        width: of the label, pixels.
        height: of the label, pixels.
    """

    x: float
    y: float
    width: float
    height: float

    def candidates(self) -> list[tuple[Box, float]]:
        """Boxes around the dot, each with its distance to the dot."""
        return [(self._at(angle, distance), float(distance)) for distance in _DISTANCES for angle in _ANGLES]

    def _at(self, angle: float, distance: float) -> Box:
        """Box at an angle and a distance from the dot."""
        cosine, sine = math.cos(angle), -math.sin(angle)
        centre_x = self.x + cosine * (distance + self.width / 2)
        centre_y = self.y + sine * (distance + self.height / 2)
        return Box(
            centre_x - self.width / 2,
            centre_y - self.height / 2,
            centre_x + self.width / 2,
            centre_y + self.height / 2,
        )


def place_labels(labels: Sequence[Label], frame: Box, dots: Sequence[Box], lines: Sequence[Box]) -> list[Box]:
    """Boxes of the labels, inside the frame and without overlap as far as there is room.

    Coordinate descent: each label in turn moves to the candidate of the lowest cost, for a few rounds.

    Args:
        labels: positions of the dots and sizes of the labels.
        frame: area that labels may use.
        dots: boxes that labels must not cover, including those of the labels' own dots.
        lines: thin boxes that labels should not cover.
    """
    places: list[Box | None] = [None] * len(labels)
    for _ in range(_ROUNDS):
        for index, label in enumerate(labels):
            others = [box for other, box in enumerate(places) if box and other != index]
            costs = [
                (_cost(box, others, frame, dots, lines) + _PER_PIXEL * distance, number, box)
                for number, (box, distance) in enumerate(label.candidates())
            ]
            places[index] = min(costs)[2]
    return [box for box in places if box]


def _cost(box: Box, others: Sequence[Box], frame: Box, dots: Sequence[Box], lines: Sequence[Box]) -> float:
    forbidden = (not frame.contains(box)) + sum(box.overlaps(other) for other in others)
    covered = sum(box.overlaps(dot) for dot in dots)
    crossed = sum(box.overlaps(line) for line in lines)
    return _FORBIDDEN * forbidden + _OVER_DOT * covered + _OVER_LINE * crossed
