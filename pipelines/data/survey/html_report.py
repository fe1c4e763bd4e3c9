"""The page of `coverband survey`: one HTML file that needs neither network nor other files."""

from __future__ import annotations

import base64
import hashlib
import math
import os
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from xml.etree.ElementTree import Element

from pipelines import outputs
from pipelines.data import domain_folders
from pipelines.data.schema import DOMAINS
from pipelines.data.survey.advice import Advice
from pipelines.data.survey.amounts import minutes, usable
from pipelines.data.survey.charts import CLASSES, spectra, strip
from pipelines.data.survey.survey import Song, Survey
from pipelines.data.survey.tables import times
from pipelines.data.survey.training_cost import Training
from pipelines.data.survey.traits import TRAITS, Trait
from pipelines.html.marks import sign
from pipelines.html.nodes import MISSING, node, serialise

_WORDS = ("Time", "Format", "Channels", "The same recording as")
"""Headings of columns that hold words, not numbers."""


def write(path: Path, survey: Survey, advice: Advice, trainings: Sequence[Training]) -> None:
    """Writes the page at once or not at all.

    Raises:
        OSError: if the disk is full.
    """
    body = node(
        "body",
        _head(survey),
        *_advice(advice),
        _plots(survey),
        *_duplicates(survey),
        _training(trainings),
        _songs(survey),
        node("script", _asset("pipelines.html", "page.js")),
    )
    page = serialise(node("html", _meta(), body, lang="en"))
    with outputs.whole(path) as unfinished:
        # File names may hold bytes that are no text; a question mark takes their place.
        unfinished.write_bytes(b"<!DOCTYPE html>\n" + page.encode("utf-8", "replace") + b"\n")


def _asset(package: str, name: str) -> str:
    return resources.files(package).joinpath(name).read_text(encoding="utf-8")


def _meta() -> Element:
    """The policy forbids everything from outside, and every script but ours."""
    script = _asset("pipelines.html", "page.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    return node(
        "head",
        node("meta", charset="utf-8"),
        node("meta", http_equiv="Content-Security-Policy", content=policy),
        node("meta", name="viewport", content="width=device-width, initial-scale=1"),
        node("meta", name="color-scheme", content="light dark"),
        node("title", "Coverband: survey"),
        node(
            "style",
            _asset("pipelines.html", "page.css") + _asset("pipelines.data.survey", "html_report.css"),
        ),
    )


def _head(survey: Survey) -> Element:
    facts = []
    for domain in DOMAINS:
        songs = usable(survey, domain)
        words = f"{minutes(songs):.1f} minutes in {len(songs)} songs to learn from ({survey.folders[domain]})"
        facts.append(node("div", node("dt", sign(CLASSES[domain]), domain), node("dd", words)))
    return node(
        "header",
        node("p", "Coverband: survey", class_="muted"),
        node("h1", "What two folders of songs hold, before anything is trained on them"),
        node("dl", *facts, class_="facts"),
    )


def _advice(advice: Advice) -> list[Element]:
    return [
        node("section", node("h2", title), node("ul", *(node("li", each) for each in found), class_="advice"))
        for title, found in advice.sections
    ]


def _plots(survey: Survey) -> Element:
    words = (
        "Every song is a dot with its name, the bars are medians. Where rows lie apart, a model takes the "
        "difference for the band's style, unless the advice above says otherwise."
    )
    strips = []
    for trait in TRAITS:
        drawn = strip(survey, trait)
        if drawn is not None:
            strips.append(node("figure", drawn, node("figcaption", trait.explanation), class_="card"))
    caption = "Mean spectra: the lines are medians over songs, the areas hold eight tenths of them."
    figure = node("figure", spectra(survey), node("figcaption", caption), class_="card tall")
    return node(
        "section",
        node("h2", "Both sides"),
        node("p", words),
        _legend(),
        node("div", figure, *strips, class_="strips"),
    )


def _legend() -> Element:
    return node("ul", *(node("li", sign(CLASSES[each]), each) for each in DOMAINS), class_="legend")


def _duplicates(survey: Survey) -> list[Element]:
    if not survey.duplicates:
        return []
    rows = [
        (pair.first.label, pair.second.label, f"{pair.share:.0%}", f"{pair.offset:+.1f}")
        for pair in survey.duplicates
    ]
    head = ("Song", "The same recording as", "Landmarks shared", "Begins, s")
    cells = [[*map(_text, row[:2]), *(node("td", each) for each in row[2:])] for row in rows]
    table = _table("Duplicates", head, cells)
    return [node("section", node("h2", "The same recording"), table)]


def _training(trainings: Sequence[Training]) -> Element:
    words = (
        "What was tried on this machine, where it says here; else what each preset's own measurement says, "
        "which names its machine. This one has "
        f"{os.cpu_count()} cores. All are commands of the form coverband train FAMILY --preset PRESET."
    )
    head = ("Preset", "Steps", "Hears, min", "The band's songs", "Time")
    rows = [
        [
            _text(each.preset),
            _value(f"{each.steps:,}", each.steps),
            _value(f"{each.heard:,.0f}", each.heard),
            _value(times(each.passes), each.passes),
            _text(each.lasts),
        ]
        for each in trainings
    ]
    table = _table("Training", head, rows)
    return node("section", node("h2", "How long training takes"), node("p", words), table)


def _songs(survey: Survey) -> Element:
    head = ("Song", *(trait.heading for trait in TRAITS), "Format", "Channels")
    table = _table("Songs", head, [_song(song) for song in survey.songs], sortable=True)
    missing = [
        node("li", f"{domain}/{item.file} {item.why}")
        for domain, files in survey.unusable.items()
        for item in files
    ]
    left = [node("h3", "Files that could not be read"), node("ul", *missing)] if missing else []
    other = [node("li", sentence) for sentence in domain_folders.passed_over(survey.found)]
    left += [node("h3", "Files that are no songs"), node("ul", *other)] if other else []
    words = node("p", "A heading sorts the table.")
    return node("section", node("h2", "Every song"), words, table, *left)


def _song(song: Song) -> list[Element]:
    cells = [node("th", sign(CLASSES[song.domain]), node("span", song.label, class_="name"), scope="row")]
    cells += [_number(trait, song) for trait in TRAITS]
    return [*cells, _text(song.facts.codec), _text(song.facts.image)]


def _number(trait: Trait, song: Song) -> Element:
    value = trait.value(song.facts)
    if value is None or not math.isfinite(value):
        return node("td", MISSING, class_="missing")
    return _value(trait.text(value).replace("-", "\N{MINUS SIGN}"), value)


def _value(text: str, value: float) -> Element:
    return node("td", text, data_value=repr(float(value)))


def _text(text: str) -> Element:
    return node("td", text, class_="text")


def _table(
    label: str, head: Sequence[str], rows: Sequence[Sequence[Element]], sortable: bool = False
) -> Element:
    """Wide tables scroll by themselves, with the keyboard, too."""
    headings = [_heading(text, sortable and 0 < index <= len(TRAITS)) for index, text in enumerate(head)]
    table = node(
        "table",
        node("caption", label, class_="hidden"),
        node("thead", node("tr", *headings)),
        node("tbody", *(node("tr", *cells) for cells in rows)),
        class_="sortable" if sortable else "plain",
    )
    return node("div", table, class_="scrolling", role="region", aria_label=label, tabindex="0")


def _heading(text: str, sorts: bool) -> Element:
    if not sorts:
        return node("th", text, scope="col", class_="text" if text in _WORDS else "")
    return node("th", node("button", text, type="button"), scope="col", aria_sort="none", data_higher="true")
