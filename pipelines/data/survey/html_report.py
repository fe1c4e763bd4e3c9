"""HTML page of `coverband survey`: one file with advice, plots and tables."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

from pipelines import outputs
from pipelines.data import domain_folders
from pipelines.data.schema import DOMAINS
from pipelines.data.survey.advice import Advice
from pipelines.data.survey.charts import CLASSES, spectra, strip
from pipelines.data.survey.descriptors import DESCRIPTORS, Descriptor
from pipelines.data.survey.exclusion import sound_minutes, usable_songs
from pipelines.data.survey.survey import DatasetReport, MeasuredSong
from pipelines.data.survey.tables import times
from pipelines.data.survey.training_cost import TrainingCost
from pipelines.html.components import definitions, header, inline_mark, legend, sortable_heading, table
from pipelines.html.nodes import MISSING, node
from pipelines.html.page import asset, document

_TITLE = "Coverband: survey"

_TEXT_COLUMNS = ("Time", "Format", "Channels", "The same recording as")
"""Headings of columns that contain text instead of numbers."""


def write(path: Path, report: DatasetReport, advice: Advice, costs: Sequence[TrainingCost]) -> None:
    """Writes the page atomically.

    Raises:
        OSError: if the disk is full.
    """
    page = document(
        _TITLE,
        _header(report),
        *_advice(advice),
        _plots(report),
        *_duplicates(report),
        _training(costs),
        _songs(report),
        style=asset("html_report.css", "pipelines.data.survey"),
    )
    with outputs.whole(path) as unfinished:
        unfinished.write_bytes(page)


def _header(report: DatasetReport) -> Element:
    facts = []
    for domain in DOMAINS:
        songs = usable_songs(report, domain)
        amount = f"{sound_minutes(songs):.1f} usable minutes in {len(songs)} songs ({report.folders[domain]})"
        facts.append((node("span", inline_mark(CLASSES[domain]), domain), amount))
    return header(_TITLE, "Check your data before training", definitions(facts, "facts"))


def _advice(advice: Advice) -> list[Element]:
    return [
        node("section", node("h2", title), node("ul", *(node("li", each) for each in found), class_="advice"))
        for title, found in advice.sections
    ]


def _plots(report: DatasetReport) -> Element:
    explanation = (
        "Every song is a dot with its name; the bars are medians. A model learns a difference between the "
        "rows as the band's style, unless the advice above says otherwise."
    )
    strips = []
    for descriptor in DESCRIPTORS:
        drawn = strip(report, descriptor)
        if drawn is not None:
            strips.append(node("figure", drawn, node("figcaption", descriptor.explanation), class_="card"))
    caption = (
        "Mean spectra: the lines are medians over songs, the areas contain the middle 80 % of the songs."
    )
    figure = node("figure", spectra(report), node("figcaption", caption), class_="card tall")
    return node(
        "section",
        node("h2", "Comparison of the domains"),
        node("p", explanation),
        legend({CLASSES[domain]: domain for domain in DOMAINS}),
        node("div", figure, *strips, class_="strips"),
    )


def _duplicates(report: DatasetReport) -> list[Element]:
    if not report.duplicates:
        return []
    head = ("Song", "The same recording as", "Landmarks shared", "Begins, s")
    rows = [
        (
            _text(pair.first.label),
            _text(pair.second.label),
            node("td", f"{pair.share:.0%}"),
            node("td", f"{pair.offset:+.1f}"),
        )
        for pair in report.duplicates
    ]
    return [node("section", node("h2", "Duplicates"), _table("Duplicates", head, rows))]


def _training(costs: Sequence[TrainingCost]) -> Element:
    explanation = (
        "Times are measured on this machine where they say “here”; otherwise each preset states its own "
        f"measurement and machine. This machine has {os.cpu_count()} cores. The command is coverband train "
        "FAMILY --preset PRESET."
    )
    head = ("Preset", "Steps", "Audio processed, min", "The band's songs", "Time")
    rows = [
        (
            _text(each.preset),
            _value(f"{each.steps:,}", each.steps),
            _value(f"{each.minutes_processed:,.0f}", each.minutes_processed),
            _value(times(each.passes), each.passes),
            _text(each.duration),
        )
        for each in costs
    ]
    return node(
        "section", node("h2", "Training time"), node("p", explanation), _table("Training", head, rows)
    )


def _songs(report: DatasetReport) -> Element:
    head = ("Song", *(descriptor.heading for descriptor in DESCRIPTORS), "Format", "Channels")
    songs = _table("Songs", head, [_song(song) for song in report.songs], sortable=True)
    unusable = [
        f"{domain}/{item.file} {item.why}" for domain, files in report.unusable.items() for item in files
    ]
    lists = [
        *_list("Files that could not be read", unusable),
        *_list("Files that are not songs", domain_folders.ignored_files(report.found)),
    ]
    return node("section", node("h2", "Songs"), node("p", "Headings sort the table."), songs, *lists)


def _list(title: str, sentences: Iterable[str]) -> list[Element]:
    items = [node("li", sentence) for sentence in sentences]
    return [node("h3", title), node("ul", *items)] if items else []


def _song(song: MeasuredSong) -> list[Element]:
    name = node("span", song.label, class_="name")
    cells = [node("th", inline_mark(CLASSES[song.domain]), name, scope="row")]
    cells += [_number(descriptor, song) for descriptor in DESCRIPTORS]
    return [*cells, _text(song.facts.codec), _text(song.facts.image)]


def _number(descriptor: Descriptor, song: MeasuredSong) -> Element:
    value = descriptor.value(song.facts)
    if value is None or not math.isfinite(value):
        return node("td", MISSING, class_="missing")
    return _value(descriptor.text(value).replace("-", "\N{MINUS SIGN}"), value)


def _value(text: str, value: float) -> Element:
    return node("td", text, data_value=repr(float(value)))


def _text(text: str) -> Element:
    return node("td", text, class_="text")


def _table(
    label: str, head: Sequence[str], rows: Iterable[Sequence[Element]], sortable: bool = False
) -> Element:
    headings = [_heading(text, sortable and 0 < index <= len(DESCRIPTORS)) for index, text in enumerate(head)]
    class_ = "sortable" if sortable else "plain"
    return table(label, headings, (node("tr", *cells) for cells in rows), class_, label)


def _heading(text: str, sorts: bool) -> Element:
    if sorts:
        return sortable_heading(text, higher_is_better=True)
    return node("th", text, scope="col", class_="text" if text in _TEXT_COLUMNS else "")
