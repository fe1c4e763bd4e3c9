"""An evaluation as text: for the terminal, and as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pipelines.evaluation.results import GROUPS, Anchors, Column, Estimate, Evaluation, Group

MARKDOWN_FILE = "evaluation.md"

_TITLES: dict[Group, str] = {
    "paired": "Against what the band really plays",
    "content": "Content: how much of the song is kept",
    "style": "Style: how near the band's sound is",
    "cost": "Cost: what playing takes",
}
_MISSING = "-"

Shown = Callable[[Estimate | None, Column], str]


def terminal(evaluation: Evaluation) -> str:
    """One table for each group of columns, with intervals as plus or minus half their width."""
    parts = [
        f"{_TITLES[group]}\n{_aligned(_cells(evaluation, group, _short))}" for group in _groups(evaluation)
    ]
    if evaluation.anchors:
        table = _aligned(_anchor_cells(evaluation, evaluation.anchors))
        parts.append(f"{_anchor_title(evaluation.anchors)}\n{table}\n{_verdict(evaluation.anchors)}")
    return "\n\n".join(parts)


def markdown(evaluation: Evaluation) -> str:
    """The same as Markdown, with whole intervals, explanations and warnings."""
    parts = ["# Evaluation", *_settings(evaluation)]
    for group in _groups(evaluation):
        parts += [f"## {_TITLES[group]}", _piped(_cells(evaluation, group, _whole))]
        parts.append("\n".join(f"- {each.name}: {each.explanation}" for each in _columns(evaluation, group)))
    if anchors := evaluation.anchors:
        parts += [
            f"## {_anchor_title(anchors)}",
            _piped(_anchor_cells(evaluation, anchors)),
            _verdict(anchors),
        ]
    parts += [
        "## Rows",
        "\n".join(f"- {row.method.name}: {row.method.explanation}" for row in evaluation.rows),
    ]
    if evaluation.warnings:
        parts += ["## Warnings", "\n".join(f"- {sentence}" for sentence in evaluation.warnings)]
    return "\n\n".join(parts) + "\n"


def write_markdown(evaluation: Evaluation, folder: Path) -> Path:
    """Writes `markdown` into a folder; returns the file."""
    path = folder / MARKDOWN_FILE
    # Song names may hold bytes that are no text.
    path.write_text(markdown(evaluation), encoding="utf-8", errors="replace")
    return path


def _settings(evaluation: Evaluation) -> Iterator[str]:
    yield "\n".join(f"- {name}: {value}" for name, value in evaluation.settings.items())
    yield "Mean and 95 % interval over songs; ↑ more is better, ↓ less is better."


def _groups(evaluation: Evaluation) -> list[Group]:
    return [group for group in GROUPS if _columns(evaluation, group)]


def _columns(evaluation: Evaluation, group: Group) -> list[Column]:
    return [column for column in evaluation.columns if column.group == group]


def _cells(evaluation: Evaluation, group: Group, shown: Shown) -> list[list[str]]:
    """Header and rows of one group."""
    columns = _columns(evaluation, group)
    rows = [
        [row.method.name, *(shown(row.estimates.get(column.key), column) for column in columns)]
        for row in evaluation.rows
    ]
    return [["", *(column.heading for column in columns)], *rows]


def _short(estimate: Estimate | None, column: Column) -> str:
    """The mean, and half the interval's width."""
    number = _number(estimate.mean if estimate else None, column)
    if estimate is None or estimate.low is None or estimate.high is None:
        return number
    return f"{number} ±{_number((estimate.high - estimate.low) / 2, column)}"


def _whole(estimate: Estimate | None, column: Column) -> str:
    """The mean and the interval's ends."""
    number = _number(estimate.mean if estimate else None, column)
    if estimate is None or estimate.low is None or estimate.high is None:
        return number
    return f"{number} [{_number(estimate.low, column)}, {_number(estimate.high, column)}]"


def _anchor_title(anchors: Anchors) -> str:
    return f"Beside published numbers ({anchors.source})"


def _anchor_cells(evaluation: Evaluation, anchors: Anchors) -> list[list[str]]:
    known = {column.key: column for column in evaluation.columns}
    columns = [known[key] for key in anchors.columns]
    header = ["", *(f"{column.name}, {whose}" for column in columns for whose in ("published", "ours"))]
    rows = []
    for anchor in anchors.rows:
        sides = (anchor.published, anchor.ours or {})
        rows.append([anchor.name, *(_number(side.get(c.key), c) for c in columns for side in sides)])
    return [header, *rows]


def _number(value: float | None, column: Column) -> str:
    return _MISSING if value is None else f"{value:.{column.digits}f}"


def _verdict(anchors: Anchors) -> str:
    return f"The published pattern {'holds' if anchors.holds else 'does not hold'}: {anchors.sentence}."


def _aligned(cells: Sequence[Sequence[str]]) -> str:
    """Columns of equal width, the first to the left, numbers to the right."""
    headers, *rows = cells
    words = [header.split(" ") for header in headers]
    split = [_two_lines(each) for each in words]
    lines = [[first for first, _ in split], [second for _, second in split], *rows]
    widths = [max(len(line[index]) for line in lines) for index in range(len(headers))]
    return "\n".join(_line(line, widths) for line in lines)


def _two_lines(words: list[str]) -> tuple[str, str]:
    """A heading broken where its halves are about as long."""
    breaks = range(len(words))
    at = min(breaks, key=lambda index: max(len(" ".join(words[:index])), len(" ".join(words[index:]))))
    return " ".join(words[:at]), " ".join(words[at:])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = zip(cells, widths, strict=True)
    return "  ".join([f"{first[0]:<{first[1]}}", *(f"{cell:>{width}}" for cell, width in rest)]).rstrip()


def _piped(cells: Sequence[Sequence[str]]) -> str:
    header, *rows = (f"| {' | '.join(line)} |" for line in cells)
    return "\n".join([header, "|---" * len(cells[0]) + "|", *rows])
