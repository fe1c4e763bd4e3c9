"""Components that several pages share: marks of method kinds, legends, definition lists and tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from xml.etree.ElementTree import Element

from pipelines.html.nodes import node

RADIUS = 6.0
"""Radius of a mark in a chart, pixels."""


def mark(kind: str, x: float, y: float, radius: float = RADIUS) -> Element:
    """SVG mark of a method: a circle for models, a square for baselines, a diamond for bounds.

    The shape distinguishes the kinds without colour; the colours are those of the page's style sheet.
    """
    classes = f"mark {kind}"
    if kind == "model":
        return node("circle", cx=x, cy=y, r=radius, class_=classes)
    if kind == "baseline":
        side = 1.7 * radius
        return node("rect", x=x - side / 2, y=y - side / 2, width=side, height=side, class_=classes)
    reach = 1.25 * radius
    corners = ((x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y))
    return node("polygon", points=" ".join(f"{a:.1f},{b:.1f}" for a, b in corners), class_=classes)


def inline_mark(kind: str) -> Element:
    """Mark within a line of text, hidden from screen readers because the text beside it says the same."""
    return node("svg", mark(kind, 8, 8, 5), class_="sign", viewBox="0 0 16 16", aria_hidden="true")


def legend(kinds: Mapping[str, str]) -> Element:
    """Legend of marks: descriptions by kind."""
    return node("ul", *(node("li", inline_mark(kind), text) for kind, text in kinds.items()), class_="legend")


def definitions(terms: Iterable[tuple[Element | str, Element | str]], class_: str) -> Element:
    """Definition list of terms and their descriptions."""
    groups = (node("div", node("dt", term), node("dd", text)) for term, text in terms)
    return node("dl", *groups, class_=class_)


def header(name: str, title: str, facts: Element) -> Element:
    """Header of a page: its name, its title as the main heading, and a definition list of facts."""
    return node("header", node("p", name, class_="muted"), node("h1", title), facts)


def table(label: str, head: Sequence[Element], rows: Iterable[Element], class_: str, caption: str) -> Element:
    """Table in a region that scrolls horizontally, also by keyboard.

    Args:
        label: name of the region for screen readers.
        head: cells of the head.
        rows: rows of the body.
        class_: class of the table; page.js makes tables of the class "sortable" sortable.
        caption: caption for screen readers.
    """
    element = node(
        "table",
        node("caption", caption, class_="hidden"),
        node("thead", node("tr", *head)),
        node("tbody", *rows),
        class_=class_,
    )
    return node("div", element, class_="scrolling", role="region", aria_label=label, tabindex="0")


def sortable_heading(*content: Element | str, higher_is_better: bool) -> Element:
    """Head cell with a button that sorts the table, best value first."""
    button = node("button", *content, type="button")
    return node("th", button, scope="col", aria_sort="none", data_higher=str(higher_is_better).lower())
