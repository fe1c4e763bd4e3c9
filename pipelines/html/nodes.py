"""HTML elements by the standard library's element tree, which escapes song names and other text."""

from __future__ import annotations

import base64
import math
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

MISSING = "\N{EN DASH}"
"""Text of a missing value."""


def node(tag: str, *children: Element | str | None, **attributes: str | float) -> Element:
    """Creates an element of HTML or SVG.

    Args:
        tag: name of the element.
        children: elements and texts, in order; None is skipped.
        attributes: a trailing underscore is removed (`class_`), others become hyphens (`aria_label`); numbers
            are rounded to two decimals.
    """
    element = Element(tag, {_attribute(name): _value(value) for name, value in attributes.items()})
    for child in children:
        if isinstance(child, str):
            _append_text(element, child)
        elif child is not None:
            element.append(child)
    return element


def data_uri(kind: str, content: bytes) -> str:
    """Data URI that embeds a file of a media type in the page."""
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def serialise(element: Element) -> str:
    """HTML text of an element; content of script and style elements is not escaped."""
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
