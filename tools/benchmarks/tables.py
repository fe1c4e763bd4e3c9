"""Tables of what was measured: Markdown to read, JSON to keep."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from tools.benchmarks.timing import Spread

Cell = str | float | Spread | None
"""None where nothing was measured."""
Row = Mapping[str, Cell]
"""Cells by the name of their column."""
_NOTHING = "–"  # noqa: RUF001  (a dash)


@dataclasses.dataclass(frozen=True)
class Table:
    """Some rows of the same kind.

    Attributes:
        title: what was measured.
        rows: all have the same columns.
        notes: what to know to read it.
    """

    title: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Markdown; columns without any number are left out."""
        columns = [name for name in self.rows[0] if any(row[name] is not None for row in self.rows)]
        lines = [
            columns,
            ["---"] * len(columns),
            *([_shown(row[name]) for name in columns] for row in self.rows),
        ]
        body = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
        return "\n\n".join([f"## {self.title}", body, *self.notes]) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        rows = [{name: _plain(cell) for name, cell in row.items()} for row in self.rows]
        return {"title": self.title, "rows": rows, "notes": list(self.notes)}


def _shown(cell: Cell) -> str:
    if cell is None:
        return _NOTHING
    if isinstance(cell, Spread):
        return f"{number(cell.median)} ({number(cell.low)} to {number(cell.high)})"
    return cell if isinstance(cell, str) else number(cell)


def number(value: float) -> str:
    """Three digits, more where there are more before the point."""
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _plain(cell: Cell) -> Any:
    return cell._asdict() if isinstance(cell, Spread) else cell
