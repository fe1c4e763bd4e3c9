"""Tables of the report: one for each group of columns, and the comparison with published numbers."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from pipelines.evaluation.formatting import (
    GROUP_TITLES,
    PUBLISHED_TITLE,
    interval,
    number,
    published_cells,
    published_columns,
    published_summary,
)
from pipelines.evaluation.report.selection import estimate, ranking, without_bounds
from pipelines.evaluation.results import GROUPS, Column, Estimate, Evaluation, Group, PublishedComparison, Row
from pipelines.html.components import definitions, inline_mark, sortable_heading, table
from pipelines.html.nodes import MISSING, node

_STRIP_WIDTH = 72.0
"""Width of the strip that draws an estimate and its interval, pixels."""


def group_tables(evaluation: Evaluation) -> list[Element]:
    """Sections with table and explanations, one for each group with measured columns."""
    sections = []
    for group in GROUPS:
        columns = [column for column in evaluation.columns if column.group == group]
        if columns and evaluation.rows:
            sections.append(_section(evaluation, group, columns))
    return sections


def published_table(evaluation: Evaluation, published: PublishedComparison) -> Element:
    """Section with the table of a published comparison."""
    columns = published_columns(evaluation, published)
    head = [node("th", "Row", scope="col")]
    head += [node("th", f"{column.heading}: {origin}", scope="col") for column, origin in columns]
    rows = [
        node("tr", node("th", name, scope="row"), *(_published_cell(*value) for value in values))
        for name, values in published_cells(evaluation, published)
    ]
    return node(
        "section",
        node("h2", PUBLISHED_TITLE),
        node("p", published_summary(published)),
        table("Published numbers", head, rows, "plain", PUBLISHED_TITLE),
        node("p", f"Published: {published.source}.", class_="muted"),
    )


def _published_cell(value: float | None, column: Column) -> Element:
    return node("td", MISSING if value is None else number(value, column))


def _section(evaluation: Evaluation, group: Group, columns: list[Column]) -> Element:
    title, explanation = GROUP_TITLES[group]
    best = {column.key: ranking(without_bounds(evaluation), column)[:1] for column in columns}
    head = [node("th", "Method", scope="col"), *(_heading(column) for column in columns)]
    rows = [_row(evaluation, row, columns, best) for row in evaluation.rows]
    caption = f"{title}: mean over songs, 95\N{NO-BREAK SPACE}% interval"
    return node(
        "section",
        node("h3", title),
        node("p", f"{explanation[:1].upper()}{explanation[1:]}.", class_="muted"),
        table(f"{title}, table", head, rows, "sortable", caption),
        _explanations(columns),
    )


def _heading(column: Column) -> Element:
    name = f"{column.name}{', ' if column.unit else ''}{column.unit}\N{NO-BREAK SPACE}"
    name = name.replace("-", "\N{NON-BREAKING HYPHEN}")
    arrow = node("span", column.arrow, aria_hidden="true")
    direction = node("span", f" ({column.direction})", class_="hidden")
    return sortable_heading(name, arrow, direction, higher_is_better=column.higher_is_better)


def _row(evaluation: Evaluation, row: Row, columns: list[Column], best: dict[str, list[Row]]) -> Element:
    kind, name = row.method.kind, node("span", row.method.name, class_="name")
    head = node("th", inline_mark(kind), name, node("span", kind, class_="kind"), scope="row")
    cells = [_cell(evaluation, row, column, row in best[column.key]) for column in columns]
    return node("tr", head, *cells, class_=kind)


def _cell(evaluation: Evaluation, row: Row, column: Column, is_best: bool) -> Element:
    """Mean and interval as text, and as a strip on the column's common scale."""
    found = estimate(row, column)
    if found is None:
        return node("td", MISSING, title="not measured", class_="missing")
    value = node("strong" if is_best else "span", number(found.mean, column), class_="value")
    star = node("span", " (best)", class_="hidden") if is_best else None
    spread = node("span", interval(found, column), class_="spread")
    return node(
        "td",
        value,
        star,
        spread,
        _strip(evaluation, row, column, found),
        data_value=repr(found.mean if column.target is None else abs(found.mean - column.target)),
    )


def _strip(evaluation: Evaluation, row: Row, column: Column, found: Estimate) -> Element:
    """Mean and interval as a dot and a bar on a scale that all rows of the column share."""
    known = [each for other in evaluation.rows if (each := estimate(other, column))]
    ends = [end for each in known for end in (each.mean, each.low, each.high) if end is not None]
    low, width = min(ends), (max(ends) - min(ends)) or 1.0

    def place(value: float | None) -> float:
        return 4 + (_STRIP_WIDTH - 8) * ((found.mean if value is None else value) - low) / width

    bar = node("line", x1=place(found.low), x2=place(found.high), y1=5, y2=5)
    parts = (node("line", x1=0, x2=_STRIP_WIDTH, y1=5, y2=5, class_="grid"), node("g", bar, class_="bars"))
    dot = node("circle", cx=place(None), cy=5, r=3.2, class_=f"mark {row.method.kind}")
    return node("svg", *parts, dot, class_="strip", viewBox=f"0 0 {_STRIP_WIDTH:g} 10", aria_hidden="true")


def _explanations(columns: list[Column]) -> Element:
    terms = [
        (column.name, node("span", f"{column.explanation.rstrip('.')}. ", node("em", _sentence(column))))
        for column in columns
    ]
    return node("details", node("summary", "Meaning of the columns"), definitions(terms, "terms"), open="")


def _sentence(column: Column) -> str:
    return f"{column.direction.capitalize()}."
