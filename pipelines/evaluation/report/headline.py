"""The result in words: which method is best by the numbers, and by how much."""

from __future__ import annotations

from pipelines.evaluation.report import choice
from pipelines.evaluation.report.numbers import whole
from pipelines.evaluation.results import Column, Evaluation, Row

NOTHING = "Nothing could be compared: no column was measured of two rows."


def headline(evaluation: Evaluation) -> str:
    """One to three sentences: the best method, its lead and whether a model is among the baselines' betters.

    With the truth, nearness to it decides, because it punishes lost notes and a missed timbre alike. Without
    it, the balance of content and style does, see `report_choice.balance`: copying would win either alone.
    """
    column = choice.decisive(evaluation)
    if column:
        return _by_truth(evaluation, column)
    views = choice.views(evaluation, 1)
    return _by_balance(evaluation, views[0]) if views else NOTHING


def _by_truth(evaluation: Evaluation, column: Column) -> str:
    ranked = choice.ranking(choice.contenders(evaluation), column)
    if not ranked:
        return NOTHING
    claim = f"“{ranked[0].method.name}” comes nearest to what the band really plays"
    numbers = f"{column.name} {_number(ranked[0], column)}"
    return f"{_opening(ranked, claim)}: {numbers}{_lead(ranked, column)}{_best_model(ranked, column)}"


def _by_balance(evaluation: Evaluation, axes: choice.Axes) -> str:
    scores = choice.balance(evaluation, axes)
    ranked = [row for row in choice.contenders(evaluation) if row.method.key in scores]
    ranked.sort(key=lambda row: scores[row.method.key], reverse=True)
    if not ranked:
        return NOTHING
    claim = f"“{ranked[0].method.name}” has the best balance of content and style"
    numbers = " and ".join(f"{each.name} {_number(ranked[0], each)}" for each in axes.columns)
    return f"{_opening(ranked, claim)}: {numbers}. Nobody has the truth of these songs, so the ears decide."


def _opening(ranked: list[Row], claim: str) -> str:
    """The claim, and first of all that no model won, if so."""
    models = any(row.method.kind == "model" for row in ranked)
    return f"No model beats the baselines. {claim}" if models and ranked[0].method.kind != "model" else claim


def _number(row: Row, column: Column) -> str:
    found = choice.estimate(row, column)
    return whole(found, column) if found else ""


def _lead(ranked: list[Row], column: Column) -> str:
    """The runner-up's number, and in how many songs the best is ahead of it."""
    if len(ranked) < 2:
        return "."
    best, second = ranked[:2]
    ahead = f", ahead of “{second.method.name}” with {_number(second, column)}"
    doubt = " The intervals overlap: the lead is not sure." if _overlap(best, second, column) else ""
    return f"{ahead}{_songs_ahead(best, second, column)}.{doubt}"


def _overlap(one: Row, other: Row, column: Column) -> bool:
    """True if both rows have intervals of the column, and these overlap."""
    spans = [found for row in (one, other) if (found := _span(row, column))]
    return len(spans) == 2 and max(low for low, _ in spans) <= min(high for _, high in spans)


def _span(row: Row, column: Column) -> tuple[float, float] | None:
    """The interval, if there is one."""
    found = choice.estimate(row, column)
    if found is None or found.low is None or found.high is None:
        return None
    return found.low, found.high


def _songs_ahead(best: Row, second: Row, column: Column) -> str:
    both = [name for name in best.songs if name in second.songs]
    pairs = [(best.songs[name].get(column.key), second.songs[name].get(column.key)) for name in both]
    known = [(one, other) for one, other in pairs if one is not None and other is not None]
    if not known:
        return ""
    ahead = sum(one > other if column.higher_is_better else one < other for one, other in known)
    return f", in {ahead} of {len(known)} songs"


def _best_model(ranked: list[Row], column: Column) -> str:
    """Sentence with the best model's number; empty without a model, or if it is one of the first two rows."""
    models = [row for row in ranked if row.method.kind == "model"]
    if not models or models[0] in ranked[:2]:
        return ""
    return f" The best model, “{models[0].method.name}”, has {_number(models[0], column)}."
