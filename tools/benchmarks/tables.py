"""Tables of measurements, in Markdown and JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from tools.benchmarks.timing import Spread

Cell = str | float | Spread | None
"""Value of a table; None if it was not measured."""
Row = Mapping[str, Cell]
"""Cells by column."""
_MISSING = "–"  # noqa: RUF001  (a dash)


@dataclasses.dataclass(frozen=True)
class Table:
    """Table with a title and notes.

    Attributes:
        title: heading.
        rows: at least one, all with the same columns.
        notes: paragraphs below the table.
    """

    title: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Markdown, without the columns that have no values."""
        columns = [name for name in self.rows[0] if any(row[name] is not None for row in self.rows)]
        lines = [
            columns,
            ["---"] * len(columns),
            *([_formatted(row[name]) for name in columns] for row in self.rows),
        ]
        body = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
        return "\n\n".join([f"## {self.title}", body, *self.notes]) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        rows = [{name: _plain(cell) for name, cell in row.items()} for row in self.rows]
        return {"title": self.title, "rows": rows, "notes": list(self.notes)}


def _formatted(cell: Cell) -> str:
    if cell is None:
        return _MISSING
    if isinstance(cell, Spread):
        return f"{number(cell.median)} ({number(cell.low)} to {number(cell.high)})"
    return cell if isinstance(cell, str) else number(cell)


def number(value: float) -> str:
    """Number with three significant digits, or all digits of the integer part."""
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _plain(cell: Cell) -> Any:
    return cell._asdict() if isinstance(cell, Spread) else cell
