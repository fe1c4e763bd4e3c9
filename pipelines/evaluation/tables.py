"""Tables of an evaluation as plain text for the terminal, and as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pipelines.evaluation.formatting import (
    GROUP_TITLES,
    PUBLISHED_TITLE,
    published_cells,
    published_columns,
    published_summary,
)
from pipelines.evaluation.results import GROUPS, Column, Estimate, Evaluation, Group, PublishedComparison

MARKDOWN_FILE = "evaluation.md"
"""Name of the file in the evaluation's folder."""

_MISSING = "-"

CellFormat = Callable[[Estimate | None, Column], str]


def terminal(evaluation: Evaluation) -> str:
    """Tables for the terminal, one per group of columns; intervals as plus or minus half their width."""
    parts = [
        f"{_title(group)}\n{_align(_cells(evaluation, group, _mean_and_half_width))}"
        for group in _groups(evaluation)
    ]
    if published := evaluation.published:
        table = _align(_published_cells(evaluation, published))
        parts.append(f"{_published_title(published)}\n{table}\n{published_summary(published)}")
    return "\n\n".join(parts)


def markdown(evaluation: Evaluation) -> str:
    """Tables in Markdown, with both ends of the intervals, explanations and warnings."""
    parts = ["# Evaluation", *_settings(evaluation)]
    for group in _groups(evaluation):
        parts += [f"## {_title(group)}", pipe_table(_cells(evaluation, group, _mean_and_ends))]
        parts.append("\n".join(f"- {each.name}: {each.explanation}" for each in _columns(evaluation, group)))
    if published := evaluation.published:
        parts += [
            f"## {_published_title(published)}",
            pipe_table(_published_cells(evaluation, published)),
            published_summary(published),
        ]
    parts += [
        "## Rows",
        "\n".join(f"- {row.method.name}: {row.method.explanation}" for row in evaluation.rows),
    ]
    if evaluation.warnings:
        parts += ["## Warnings", "\n".join(f"- {sentence}" for sentence in evaluation.warnings)]
    return "\n\n".join(parts) + "\n"


def write_markdown(evaluation: Evaluation, folder: Path) -> Path:
    """Writes `markdown` into a folder; returns the path of the file."""
    path = folder / MARKDOWN_FILE
    # Song names may contain bytes that are not Unicode.
    path.write_text(markdown(evaluation), encoding="utf-8", errors="replace")
    return path


def _settings(evaluation: Evaluation) -> Iterator[str]:
    yield "\n".join(f"- {name}: {value}" for name, value in evaluation.settings.items())
    yield "Mean and 95 % interval over songs; ↑ higher is better, ↓ lower is better."


def _title(group: Group) -> str:
    return ": ".join(GROUP_TITLES[group])


def _groups(evaluation: Evaluation) -> list[Group]:
    return [group for group in GROUPS if _columns(evaluation, group)]


def _columns(evaluation: Evaluation, group: Group) -> list[Column]:
    return [column for column in evaluation.columns if column.group == group]


def _cells(evaluation: Evaluation, group: Group, cell: CellFormat) -> list[list[str]]:
    """Header and rows of one group."""
    columns = _columns(evaluation, group)
    rows = [
        [row.method.name, *(cell(row.estimates.get(column.key), column) for column in columns)]
        for row in evaluation.rows
    ]
    return [["", *(column.heading for column in columns)], *rows]


def _mean_and_half_width(estimate: Estimate | None, column: Column) -> str:
    """Mean, and half the interval's width."""
    number = _number(estimate.mean if estimate else None, column)
    if estimate is None or estimate.low is None or estimate.high is None:
        return number
    return f"{number} ±{_number((estimate.high - estimate.low) / 2, column)}"


def _mean_and_ends(estimate: Estimate | None, column: Column) -> str:
    """Mean, and both ends of the interval."""
    number = _number(estimate.mean if estimate else None, column)
    if estimate is None or estimate.low is None or estimate.high is None:
        return number
    return f"{number} [{_number(estimate.low, column)}, {_number(estimate.high, column)}]"


def _published_title(published: PublishedComparison) -> str:
    return f"{PUBLISHED_TITLE} ({published.source})"


def _published_cells(evaluation: Evaluation, published: PublishedComparison) -> list[list[str]]:
    columns = published_columns(evaluation, published)
    header = ["", *(f"{column.name}, {origin}" for column, origin in columns)]
    rows = [
        [name, *(_number(value, column) for value, column in values)]
        for name, values in published_cells(evaluation, published)
    ]
    return [header, *rows]


def _number(value: float | None, column: Column) -> str:
    return _MISSING if value is None else f"{value:.{column.digits}f}"


def _align(cells: Sequence[Sequence[str]]) -> str:
    """Table in columns: the first left-aligned, the others right-aligned, headings on two lines."""
    headers, *rows = cells
    words = [header.split(" ") for header in headers]
    split = [_two_lines(each) for each in words]
    lines = [[first for first, _ in split], [second for _, second in split], *rows]
    widths = [max(len(line[index]) for line in lines) for index in range(len(headers))]
    return "\n".join(table_line(line, widths) for line in lines)


def _two_lines(words: list[str]) -> tuple[str, str]:
    """Heading, broken into two lines of similar length."""
    breaks = range(len(words))
    at = min(breaks, key=lambda index: max(len(" ".join(words[:index])), len(" ".join(words[index:]))))
    return " ".join(words[:at]), " ".join(words[at:])


def table_line(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Line of a text table: the first cell left-aligned, the others right-aligned."""
    first, *rest = zip(cells, widths, strict=True)
    return "  ".join([f"{first[0]:<{first[1]}}", *(f"{cell:>{width}}" for cell, width in rest)]).rstrip()


def pipe_table(cells: Sequence[Sequence[str]]) -> str:
    """Table in Markdown; the first row is the header."""
    header, *rows = (f"| {' | '.join(line)} |" for line in cells)
    return "\n".join([header, "|---" * len(cells[0]) + "|", *rows])
