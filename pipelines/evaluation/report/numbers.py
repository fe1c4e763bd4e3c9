"""Numbers of an evaluation as text."""

from __future__ import annotations

from pipelines.evaluation.results import Column, Estimate


def number(value: float, column: Column) -> str:
    """With the column's digits and a real minus sign; without the unit."""
    return f"{value:.{column.digits}f}".replace("-", "\N{MINUS SIGN}")


def with_unit(value: float, column: Column) -> str:
    """`number` and its unit."""
    return f"{number(value, column)} {column.unit}".rstrip()


def interval(estimate: Estimate, column: Column) -> str:
    """Such as "0.80 to 0.86"; empty without an interval."""
    if estimate.low is None or estimate.high is None:
        return ""
    return f"{number(estimate.low, column)} to {number(estimate.high, column)}"


def whole(estimate: Estimate, column: Column) -> str:
    """Such as "6.4 dB (5.9 to 7.1)"."""
    spread = interval(estimate, column)
    return with_unit(estimate.mean, column) + (f" ({spread})" if spread else "")
