"""HTML report of `coverband evaluate`: one file with charts, tables and audio."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element

from pipelines.evaluation.report import excerpts, selection
from pipelines.evaluation.report.headline import headline
from pipelines.evaluation.report.scatter import scatter
from pipelines.evaluation.report.songs import colour_bar, song_sections
from pipelines.evaluation.report.tables import group_tables, published_table
from pipelines.evaluation.results import Column, Evaluation
from pipelines.html.components import definitions, header, legend
from pipelines.html.nodes import node
from pipelines.html.page import document

REPORT_FILE = "report.html"
"""Name of the file in the evaluation's folder."""

LIMIT_BYTES = 24_000_000
"""Largest size of the file; songs that do not fit are left out, and the report gives their number."""

_TITLE = "Coverband: evaluation"

_RESERVE_BYTES = 10_000
"""Bytes for the parts of the page around the songs whose size is not known beforehand."""

_WIDE, _NARROW = (560.0, 430.0), (350.0, 380.0)
"""Sizes of a scatter on wide and on narrow screens, which keep its text legible on both."""

_KINDS = {
    "model": "a trained model",
    "baseline": "a baseline, which models should exceed",
    "bound": "an upper bound for mel-based systems",
}


def write_report(evaluation: Evaluation, folder: Path, limit: int = LIMIT_BYTES) -> Path:
    """Writes `REPORT_FILE`; a note replaces audio that cannot be read.

    Args:
        evaluation: the result.
        folder: of the evaluation, to which the audio paths are relative.
        limit: largest size of the file, bytes.

    Returns:
        The path of the file.
    """
    frame = [_header(evaluation), *_charts(evaluation), *_tables(evaluation)]
    budget = limit - len(document(_TITLE, *frame)) - _RESERVE_BYTES
    songs = song_sections(evaluation, folder, _song_columns(evaluation), budget)
    page = document(_TITLE, *frame, *_audio(evaluation, songs), *_remarks(evaluation))
    path = folder / REPORT_FILE
    path.write_bytes(page)
    return path


def _header(evaluation: Evaluation) -> Element:
    facts = {"songs": f"{len(evaluation.songs)}", **evaluation.settings}
    return header(_TITLE, headline(evaluation), definitions(facts.items(), "facts"))


def _charts(evaluation: Evaluation) -> list[Element]:
    views = selection.views(evaluation)
    if not views:
        return []
    explanation = (
        "Every method is a mark; the bars are 95\N{NO-BREAK SPACE}% intervals over songs. Either score alone "
        "says little: a copy of the song is perfect on content, a copy of the band on style. Good "
        "translations are at the top right."
    )
    charts = [
        node("div", scatter(evaluation, axes, *size), class_=f"{name} card")
        for axes in views
        for name, size in (("wide", _WIDE), ("narrow", _NARROW))
    ]
    grid = node("div", *charts, class_=f"charts charts{len(views)}")
    return [node("section", node("h2", "Content and style"), node("p", explanation), grid, legend(_KINDS))]


def _tables(evaluation: Evaluation) -> list[Element]:
    tables = group_tables(evaluation)
    if not tables:
        return []
    explanation = (
        "Mean over songs, below it the 95\N{NO-BREAK SPACE}% interval over songs; ↑ higher is better, ↓ "
        "lower is better. The best value of each column is bold, bounds excluded. Headings sort the table."
    )
    methods = definitions(((row.method.name, row.method.explanation) for row in evaluation.rows), "terms")
    details = node("details", node("summary", "Methods"), methods)
    return [node("section", node("h2", "Numbers"), node("p", explanation), details, *tables)]


def _song_columns(evaluation: Evaluation) -> list[Column]:
    """Columns whose values are shown with each excerpt: the decisive column, and the first scatter's."""
    decisive = selection.decisive(evaluation)
    views = selection.views(evaluation, 1)
    return [*([decisive] if decisive else []), *(views[0].columns if views else ())]


def _audio(evaluation: Evaluation, songs: list[Element]) -> list[Element]:
    count = len(evaluation.songs)
    if not count:
        return []
    explanation = (
        f"{excerpts.SECONDS:g} s from the middle of each song, all at the same loudness. Starting another "
        "player continues at the same position; a click on a spectrogram seeks. "
    )
    left = count - len(songs)
    missing = (
        f"{len(songs)} of {count} songs are included, {left} left out to limit the file size; "
        if left
        else ""
    )
    full = f"{missing}the full recordings are in the folder audio beside this file.".capitalize()
    unsupported = "This browser cannot decode Ogg Vorbis; the folder audio has the files."
    warning = node("p", unsupported, id="no-vorbis", hidden="")
    title = node("h2", "Audio and spectrograms")
    return [node("section", title, node("p", explanation + full), warning, colour_bar(), *songs)]


def _remarks(evaluation: Evaluation) -> list[Element]:
    """Sections of the published comparison and of the warnings."""
    sections = [published_table(evaluation, evaluation.published)] if evaluation.published else []
    if evaluation.warnings:
        sentences = [node("li", sentence) for sentence in evaluation.warnings]
        sections.append(node("section", node("h2", "Warnings"), node("ul", *sentences)))
    return sections
