"""Scaffold of a page: one HTML file that loads nothing, neither from the network nor from other files."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from xml.etree.ElementTree import Element

from pipelines.html.nodes import node, serialise

STYLE_SHEET, SCRIPT = "page.css", "page.js"


def document(
    title: str,
    *content: Element,
    style: str = "",
    script: str | None = None,
    loads_scripts: bool = False,
    runs_wasm: bool = False,
) -> bytes:
    """Encodes a page with the shared style sheet and one script.

    The content security policy forbids all resources from outside, and every other script.

    Args:
        title: of the page.
        content: children of the body.
        style: further style rules.
        script: the script; None for the shared one.
        loads_scripts: allows the scripts that this one loads.
        runs_wasm: allows workers that the script makes, and WebAssembly.

    Returns:
        The file's content, UTF-8.
    """
    script = asset(SCRIPT) if script is None else script
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    allowed = "img-src data:; media-src data:; style-src 'unsafe-inline'"
    trust = " 'strict-dynamic'" if loads_scripts else ""
    if runs_wasm:
        trust += " blob: 'wasm-unsafe-eval'; worker-src blob:"
    policy = f"default-src 'none'; {allowed}; script-src 'sha256-{digest}'{trust}"
    head = node(
        "head",
        node("meta", charset="utf-8"),
        node("meta", http_equiv="Content-Security-Policy", content=policy),
        node("meta", name="viewport", content="width=device-width, initial-scale=1"),
        node("meta", name="color-scheme", content="light dark"),
        node("title", title),
        node("style", asset(STYLE_SHEET) + style),
    )
    body = node("body", *content, node("script", script))
    return b"<!DOCTYPE html>\n" + encode(node("html", head, body, lang="en")) + b"\n"


def encode(element: Element) -> bytes:
    """HTML of an element in UTF-8; bytes of file names that are not Unicode become question marks."""
    return serialise(element).encode("utf-8", "replace")


def asset(name: str, package: str = "pipelines.html") -> str:
    """Text of a data file of a package."""
    return resources.files(package).joinpath(name).read_text(encoding="utf-8")
