"""Headline of the report: the best method and its lead, in words."""

from __future__ import annotations

from pipelines.evaluation.formatting import mean_and_interval
from pipelines.evaluation.report import selection
from pipelines.evaluation.results import Column, Evaluation, Row

NO_COMPARISON = "Nothing could be compared: no column was measured of two rows."


def headline(evaluation: Evaluation) -> str:
    """One to three sentences: the best method, its lead, and whether any model exceeds the baselines.

    With the truth, methods are ranked by their distance to it, which penalises wrong notes and wrong timbre
    alike. Without it, they are ranked by the balance of content and style, see `balance`, because a copy is
    best on either alone.
    """
    column = selection.decisive(evaluation)
    if column:
        return _by_truth(evaluation, column)
    columns = selection.balance_columns(evaluation)
    return _by_balance(evaluation, *columns) if columns else NO_COMPARISON


def _by_truth(evaluation: Evaluation, column: Column) -> str:
    ranked = selection.ranking(selection.without_bounds(evaluation), column)
    if not ranked:
        return NO_COMPARISON
    claim = f"“{ranked[0].method.name}” is closest to the band's own recordings"
    numbers = f"{column.name} {_number(ranked[0], column)}"
    return f"{_opening(ranked, claim)}: {numbers}{_lead(ranked, column)}{_best_model(ranked, column)}"


def _by_balance(evaluation: Evaluation, balance: Column, content: Column, style: Column) -> str:
    ranked = selection.ranking(selection.without_bounds(evaluation), balance)
    if not ranked:
        return NO_COMPARISON
    claim = f"“{ranked[0].method.name}” has the best balance of content and style"
    numbers = ", ".join(f"{each.name} {_number(ranked[0], each)}" for each in (balance, content, style))
    return f"{_opening(ranked, claim)}: {numbers}. There is no truth for these songs: compare by listening."


def _opening(ranked: list[Row], claim: str) -> str:
    """The claim, preceded by the statement that no model exceeds the baselines if that is so."""
    models = any(row.method.kind == "model" for row in ranked)
    return f"No model beats the baselines. {claim}" if models and ranked[0].method.kind != "model" else claim


def _number(row: Row, column: Column) -> str:
    found = selection.estimate(row, column)
    return mean_and_interval(found, column) if found else ""


def _lead(ranked: list[Row], column: Column) -> str:
    """Clause with the second method's number and the number of songs in which the best one is ahead."""
    if len(ranked) < 2:
        return "."
    best, second = ranked[:2]
    ahead = f", ahead of “{second.method.name}” with {_number(second, column)}"
    caution = " The intervals overlap: the lead is uncertain." if _overlap(best, second, column) else ""
    return f"{ahead}{_songs_ahead(best, second, column)}.{caution}"


def _overlap(one: Row, other: Row, column: Column) -> bool:
    """True if both rows have intervals of the column, and these overlap."""
    intervals = [found for row in (one, other) if (found := _interval(row, column))]
    return len(intervals) == 2 and max(low for low, _ in intervals) <= min(high for _, high in intervals)


def _interval(row: Row, column: Column) -> tuple[float, float] | None:
    """Interval of a row's column; None if there is none."""
    found = selection.estimate(row, column)
    if found is None or found.low is None or found.high is None:
        return None
    return found.low, found.high


def _songs_ahead(best: Row, second: Row, column: Column) -> str:
    both = [name for name in best.songs if name in second.songs]
    pairs = [(best.songs[name].get(column.key), second.songs[name].get(column.key)) for name in both]
    known = [(one, other) for one, other in pairs if one is not None and other is not None]
    if not known:
        return ""
    ahead = sum(column.merit(one) > column.merit(other) for one, other in known)
    return f", in {ahead} of {len(known)} songs"


def _best_model(ranked: list[Row], column: Column) -> str:
    """Sentence with the best model's number; empty without a model, or if it is one of the first two rows."""
    models = [row for row in ranked if row.method.kind == "model"]
    if not models or models[0] in ranked[:2]:
        return ""
    return f" The best model, “{models[0].method.name}”, has {_number(models[0], column)}."
