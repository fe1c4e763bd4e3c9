"""The report of `coverband evaluate`: one HTML file that needs neither network nor other files."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from pathlib import Path
from xml.etree.ElementTree import Element

from pipelines.evaluation.report import choice, sounds
from pipelines.evaluation.report.headline import headline
from pipelines.evaluation.report.scatter import scatter
from pipelines.evaluation.report.songs import colour_bar, song_sections
from pipelines.evaluation.report.tables import anchors, tables
from pipelines.evaluation.results import Column, Evaluation
from pipelines.html.marks import sign
from pipelines.html.nodes import node, serialise

REPORT_FILE = "report.html"
"""The file in an evaluation's folder."""

LIMIT_BYTES = 24_000_000
"""Largest size of the file; songs that do not fit are left out, and the report gives their number."""

_WIDE, _NARROW = (560.0, 430.0), (350.0, 380.0)
"""Sizes of a scatter on wide and on narrow screens, so that its letters are legible on both."""

_KINDS = {
    "model": "a trained model",
    "baseline": "a baseline that models have to beat",
    "bound": "a bound that none can beat",
}


def write_report(evaluation: Evaluation, folder: Path, limit: int = LIMIT_BYTES) -> Path:
    """Writes `REPORT_FILE`; sounds that cannot be read are left out, and the page says so.

    Args:
        evaluation: what was found.
        folder: of the evaluation, to which the sounds' paths are relative.
        limit: bytes.

    Returns:
        The file.
    """
    frame = [_head(evaluation), *_charts(evaluation), *_numbers(evaluation)]
    page_bytes = sum(len(_encoded(each)) for each in [*frame, _style(), _script()])
    songs = song_sections(evaluation, folder, _columns(evaluation), limit - page_bytes - 10_000)
    body = node("body", *frame, *_listening(evaluation, songs), *_rest(evaluation), _script())
    path = folder / REPORT_FILE
    path.write_bytes(b"<!DOCTYPE html>\n" + _encoded(node("html", _meta(), body, lang="en")) + b"\n")
    return path


def _encoded(element: Element) -> bytes:
    """File names may hold bytes that are no text; a question mark takes their place."""
    return serialise(element).encode("utf-8", "replace")


def _asset(name: str) -> str:
    return resources.files("pipelines.html").joinpath(name).read_text(encoding="utf-8")


def _style() -> Element:
    return node("style", _asset("page.css"))


def _script() -> Element:
    return node("script", _asset("page.js"))


def _meta() -> Element:
    """The policy forbids everything from outside, and every script but ours."""
    digest = base64.b64encode(hashlib.sha256(_asset("page.js").encode()).digest()).decode()
    allowed = "img-src data:; media-src data:; style-src 'unsafe-inline'"
    policy = f"default-src 'none'; {allowed}; script-src 'sha256-{digest}'"
    return node(
        "head",
        node("meta", charset="utf-8"),
        node("meta", http_equiv="Content-Security-Policy", content=policy),
        node("meta", name="viewport", content="width=device-width, initial-scale=1"),
        node("meta", name="color-scheme", content="light dark"),
        node("title", "Coverband: evaluation"),
        _style(),
    )


def _head(evaluation: Evaluation) -> Element:
    facts = {"songs": f"{len(evaluation.songs)}", **evaluation.settings}
    terms = [node("div", node("dt", name), node("dd", value)) for name, value in facts.items()]
    return node(
        "header",
        node("p", "Coverband: evaluation", class_="muted"),
        node("h1", headline(evaluation)),
        node("dl", *terms, class_="facts"),
    )


def _charts(evaluation: Evaluation) -> list[Element]:
    views = choice.views(evaluation)
    if not views:
        return []
    words = (
        "Every method is a dot; the bars are 95\N{NO-BREAK SPACE}% intervals over songs. One score alone "
        "tells little: copying the song wins content, copying the band wins style. A good cover is far up "
        "and far to the right."
    )
    charts = [
        node("div", scatter(evaluation, axes, *size), class_=f"{name} card")
        for axes in views
        for name, size in (("wide", _WIDE), ("narrow", _NARROW))
    ]
    content = node("div", *charts, class_=f"charts charts{len(views)}")
    return [node("section", node("h2", "Content against style"), node("p", words), content, _legend())]


def _legend() -> Element:
    items = [node("li", sign(kind), words) for kind, words in _KINDS.items()]
    return node("ul", *items, class_="legend")


def _numbers(evaluation: Evaluation) -> list[Element]:
    found = tables(evaluation)
    if not found:
        return []
    words = (
        "Mean over songs, below it the 95\N{NO-BREAK SPACE}% interval over songs; ↑ higher is better, ↓ "
        "lower is better. The best of each column is bold, bounds left out. A heading sorts its table."
    )
    methods = [
        node("div", node("dt", row.method.name), node("dd", row.method.explanation))
        for row in evaluation.rows
    ]
    what = node("details", node("summary", "What the methods are"), node("dl", *methods, class_="terms"))
    return [node("section", node("h2", "The numbers"), node("p", words), what, *found)]


def _columns(evaluation: Evaluation) -> list[Column]:
    """Columns whose numbers stand below every sound: the decisive column, and those of the first scatter."""
    decisive = choice.decisive(evaluation)
    views = choice.views(evaluation, 1)
    return [*([decisive] if decisive else []), *(views[0].columns if views else ())]


def _listening(evaluation: Evaluation, songs: list[Element]) -> list[Element]:
    count = len(evaluation.songs)
    if not count:
        return []
    words = (
        f"{sounds.SECONDS:g} s from the middle of each song, all at one loudness. Another player takes over "
        "at the same place; a click on a spectrogram goes there. "
    )
    left = count - len(songs)
    missing = (
        f"{len(songs)} of {count} songs are here, {left} left out to keep the file small; " if left else ""
    )
    whole = f"{missing}the whole sounds are in the folder audio beside this file.".capitalize()
    mute = "This browser cannot play Ogg Vorbis; the folder audio has the files."
    warning = node("p", mute, id="mute", hidden="")
    title = node("h2", "Listen and look")
    return [node("section", title, node("p", words + whole), warning, colour_bar(), *songs)]


def _rest(evaluation: Evaluation) -> list[Element]:
    """The published comparison, and what went wrong."""
    found = [anchors(evaluation, evaluation.anchors)] if evaluation.anchors else []
    if evaluation.warnings:
        sentences = [node("li", sentence) for sentence in evaluation.warnings]
        found.append(node("section", node("h2", "What could not be measured"), node("ul", *sentences)))
    return found
