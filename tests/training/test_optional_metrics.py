"""Tests of optional metrics: one that cannot be measured is reported once and stops nothing."""

import math

from pipelines.errors import UserError
from pipelines.training.optional_metrics import OptionalMetrics


def _raises():
    raise UserError("too short")


def test_a_value_comes_back_by_its_name(capfd):
    assert OptionalMetrics()("a/b", lambda: 2) == {"a/b": 2.0}
    assert capfd.readouterr().err == ""


def test_failures_are_left_out_and_said_once_each(capfd):
    attempt = OptionalMetrics()
    for _ in range(3):
        assert attempt("a", _raises) == attempt("b", lambda: math.nan) == {}
    assert capfd.readouterr().err.splitlines() == [
        "a is not measured: too short",
        "b is not measured: it came out as no number",
    ]
