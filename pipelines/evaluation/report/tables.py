"""The report's tables: one for each group of columns, and the published comparison."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from pipelines.evaluation.report.choice import contenders, estimate, ranking
from pipelines.evaluation.report.numbers import interval, number
from pipelines.evaluation.results import GROUPS, Anchors, Column, Estimate, Evaluation, Group, Row
from pipelines.html.marks import sign
from pipelines.html.nodes import MISSING, node

_TITLES: dict[Group, tuple[str, str]] = {
    "paired": ("Truth", "How near is it to what the band really plays?"),
    "content": ("Content", "How much of the song is kept? A copy of the source is perfect here."),
    "style": ("Style", "How near is it to the band's sound? A copy of a band song is perfect here."),
    "cost": ("Cost", "What does playing take?"),
}
_STRIP = 72.0
"""Width of the small picture of a number and its interval, pixels."""


def tables(evaluation: Evaluation) -> list[Element]:
    """A section with table and explanations for each group that was measured."""
    sections = []
    for group in GROUPS:
        columns = [column for column in evaluation.columns if column.group == group]
        if columns and evaluation.rows:
            sections.append(_section(evaluation, group, columns))
    return sections


def anchors(evaluation: Evaluation, found: Anchors) -> Element:
    """The published table beside ours."""
    known = {column.key: column for column in evaluation.columns}
    columns = [known[key] for key in found.columns if key in known]
    head = [node("th", "Row", scope="col")]
    for column in columns:
        head += [node("th", f"{column.heading}: {whose}", scope="col") for whose in ("published", "ours")]
    body = [
        node("tr", node("th", row.name, scope="row"), *_both(row.published, row.ours or {}, columns))
        for row in found.rows
    ]
    table = node("table", node("thead", node("tr", *head)), node("tbody", *body))
    title = node("h2", "Beside published numbers")
    source = node("p", f"Published: {found.source}.", class_="muted")
    return node("section", title, node("p", _verdict(found)), _scrolling(table, "Published numbers"), source)


def _section(evaluation: Evaluation, group: Group, columns: list[Column]) -> Element:
    title, question = _TITLES[group]
    best = {column.key: ranking(contenders(evaluation), column)[:1] for column in columns}
    head = [node("th", "Method", scope="col"), *(_heading(column) for column in columns)]
    body = [_row(evaluation, row, columns, best) for row in evaluation.rows]
    caption = node("caption", f"{title}: mean over songs, 95\N{NO-BREAK SPACE}% interval", class_="hidden")
    table = node("table", caption, node("thead", node("tr", *head)), node("tbody", *body), class_="sortable")
    return node(
        "section",
        node("h3", title),
        node("p", question, class_="muted"),
        _scrolling(table, f"{title}, table"),
        _explanations(columns),
    )


def _scrolling(table: Element, label: str) -> Element:
    """Wide tables scroll by themselves, with the keyboard, too."""
    return node("div", table, class_="scrolling", role="region", aria_label=label, tabindex="0")


def _heading(column: Column) -> Element:
    words = "higher is better" if column.higher_is_better else "lower is better"
    name = f"{column.name}{', ' if column.unit else ''}{column.unit}\N{NO-BREAK SPACE}"
    name = name.replace("-", "\N{NON-BREAKING HYPHEN}")
    arrow = node("span", column.arrow, aria_hidden="true")
    button = node("button", name, arrow, node("span", f" ({words})", class_="hidden"), type="button")
    return node("th", button, scope="col", aria_sort="none", data_higher=str(column.higher_is_better).lower())


def _row(evaluation: Evaluation, row: Row, columns: list[Column], best: dict[str, list[Row]]) -> Element:
    kind = node("span", row.method.kind, class_="kind")
    head = node("th", sign(row.method.kind), node("span", row.method.name, class_="name"), kind, scope="row")
    cells = [_cell(evaluation, row, column, row in best[column.key]) for column in columns]
    return node("tr", head, *cells, class_=row.method.kind)


def _cell(evaluation: Evaluation, row: Row, column: Column, is_best: bool) -> Element:
    """Number, interval, and where both lie among all rows."""
    found = estimate(row, column)
    if found is None:
        return node("td", MISSING, title="not measured", class_="missing")
    value = node("strong" if is_best else "span", number(found.mean, column), class_="value")
    star = node("span", " (best)", class_="hidden") if is_best else None
    spread = node("span", interval(found, column), class_="spread")
    return node(
        "td", value, star, spread, _strip(evaluation, row, column, found), data_value=repr(found.mean)
    )


def _strip(evaluation: Evaluation, row: Row, column: Column, found: Estimate) -> Element:
    """A dot on a line that is common to the column: lengths are quicker to compare than digits."""
    known = [each for other in evaluation.rows if (each := estimate(other, column))]
    ends = [end for each in known for end in (each.mean, each.low, each.high) if end is not None]
    low, width = min(ends), (max(ends) - min(ends)) or 1.0

    def place(value: float | None) -> float:
        return 4 + (_STRIP - 8) * ((found.mean if value is None else value) - low) / width

    bar = node("line", x1=place(found.low), x2=place(found.high), y1=5, y2=5)
    parts = (node("line", x1=0, x2=_STRIP, y1=5, y2=5, class_="grid"), node("g", bar, class_="bars"))
    dot = node("circle", cx=place(None), cy=5, r=3.2, class_=f"mark {row.method.kind}")
    return node("svg", *parts, dot, class_="strip", viewBox=f"0 0 {_STRIP:g} 10", aria_hidden="true")


def _explanations(columns: list[Column]) -> Element:
    terms = []
    for column in columns:
        way = "Higher is better." if column.higher_is_better else "Lower is better."
        sentence = column.explanation.rstrip(".") + ". "
        terms.append(node("div", node("dt", column.name), node("dd", sentence, node("em", way))))
    return node(
        "details", node("summary", "What these numbers mean"), node("dl", *terms, class_="terms"), open=""
    )


def _both(published: Mapping[str, float], ours: Mapping[str, float], columns: list[Column]) -> list[Element]:
    values = [(side.get(column.key), column) for column in columns for side in (published, ours)]
    return [node("td", MISSING if value is None else number(value, column)) for value, column in values]


def _verdict(found: Anchors) -> str:
    sentence = found.sentence.rstrip(".") + "."
    if found.holds is None:
        return sentence[:1].upper() + sentence[1:]
    return f"The published pattern {'holds' if found.holds else 'does not hold'}: {sentence}"
