"""A shape for each kind of method, so that it is not told by colour alone."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from pipelines.html.nodes import node

RADIUS = 6.0
"""Of a mark on a chart, pixels."""


def mark(kind: str, x: float, y: float, radius: float = RADIUS) -> Element:
    """A dot for models, a square for baselines, a diamond for bounds; the page's style colours them."""
    classes = f"mark {kind}"
    if kind == "model":
        return node("circle", cx=x, cy=y, r=radius, class_=classes)
    if kind == "baseline":
        side = 1.7 * radius
        return node("rect", x=x - side / 2, y=y - side / 2, width=side, height=side, class_=classes)
    reach = 1.25 * radius
    corners = ((x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y))
    return node("polygon", points=" ".join(f"{a:.1f},{b:.1f}" for a, b in corners), class_=classes)


def sign(kind: str) -> Element:
    """A mark that stands in a line of text; the words beside it say the same."""
    return node("svg", mark(kind, 8, 8, 5), class_="sign", viewBox="0 0 16 16", aria_hidden="true")
