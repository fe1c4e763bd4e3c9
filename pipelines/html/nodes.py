"""HTML out of the standard library's element tree, which escapes whatever users call their songs."""

from __future__ import annotations

import base64
import math
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

MISSING = "\N{EN DASH}"
"""Stands where nothing was measured."""


def node(tag: str, *children: Element | str | None, **attributes: str | float) -> Element:
    """An element of HTML or SVG.

    Args:
        tag: its name.
        children: elements and texts, in order; None is left out.
        attributes: `class_` and `for_` lose their underscore, others become hyphens (`aria_label`). Plain
            numbers are rounded to a hundredth.
    """
    element = Element(tag, {_attribute(name): _value(value) for name, value in attributes.items()})
    for child in children:
        if isinstance(child, str):
            _append_text(element, child)
        elif child is not None:
            element.append(child)
    return element


def data_uri(kind: str, content: bytes) -> str:
    """A file inside the page: no second file, no network."""
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def serialise(element: Element) -> str:
    """HTML text; content of script and style elements is not escaped."""
    return ElementTree.tostring(element, encoding="unicode", method="html")


def is_number(value: float | None) -> bool:
    """True if the value is a finite number."""
    return value is not None and math.isfinite(value)


def _attribute(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def _value(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")


def _append_text(element: Element, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text
