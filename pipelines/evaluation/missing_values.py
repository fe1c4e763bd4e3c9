"""Missing values of an evaluation, grouped so that every cause is reported once."""

from __future__ import annotations

from pipelines.evaluation.columns import AnyColumn
from pipelines.evaluation.context import Warnings
from pipelines.evaluation.results import Method


class Problems:
    """Gathers causes over all rows."""

    def __init__(self) -> None:
        """Starts without any."""
        self._found: dict[tuple[str, str], dict[str, int]] = {}

    def add(self, entry: AnyColumn, method: Method, cause: str) -> None:
        """One number that is missing.

        Args:
            entry: its column.
            method: its row.
            cause: why, a sentence without a full stop.
        """
        methods = self._found.setdefault((entry.column.name, cause), {})
        methods[method.name] = methods.get(method.name, 0) + 1

    def tell(self, warn: Warnings) -> None:
        """Says them."""
        for (column, cause), methods in self._found.items():
            where = ", ".join(
                f"{name}{f' ({count} songs)' if count > 1 else ''}" for name, count in methods.items()
            )
            warn(f"{column} is missing for {where}: {cause}")
