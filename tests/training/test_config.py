"""Tests of the configuration of a run: budget, intervals and execution options."""

import pytest

from pipelines.errors import UserError
from pipelines.training.config import Budget, Cadence, Execution


def test_progress_is_the_share_spent():
    assert Budget(steps=200).progress(50, 9999.0) == 0.25
    assert Budget(minutes=10).progress(9999, 150.0) == 0.25
    assert Budget(steps=200).progress(201, 0.0) == 1.0


def test_spent_at_the_last_step_and_not_before():
    assert not Budget(steps=3).is_spent(2, 0.0)
    assert Budget(steps=3).is_spent(3, 0.0)
    assert Budget(minutes=1).is_spent(0, 60.0)


def test_expected_steps_of_a_timed_run():
    assert Budget(minutes=2).total_steps(step=30, seconds=60.0, rate=0.5) == 60
    assert Budget(minutes=2).total_steps(step=30, seconds=130.0, rate=0.5) == 30
    assert Budget(steps=7).total_steps(step=3, seconds=1.0, rate=9.0) == 7


@pytest.mark.parametrize(
    ("steps", "minutes", "message"),
    [
        (3, 1.0, "either --steps or --minutes"),
        (None, None, "either --steps or --minutes"),
        (0, None, "--steps 0 is no time to train"),
        (None, -2.0, "--minutes -2 is no time to train"),
        (None, float("nan"), "--minutes nan is no time to train"),
        (None, float("inf"), "--minutes inf is no time to train"),
    ],
)
def test_impossible_budgets(steps, minutes, message):
    with pytest.raises(UserError, match=message):
        Budget(steps, minutes)


@pytest.mark.parametrize(("wanted", "steps"), [(None, 7), (0, 0), (3, 3)])
def test_songs_are_measured_with_the_summaries_unless_told_otherwise(wanted, steps):
    assert Cadence(summary_every=7, evaluate_every=wanted).evaluation_steps == steps


@pytest.mark.parametrize("name", ["log_every", "summary_every", "checkpoint_every", "evaluate_every"])
def test_intervals_that_are_not_possible(name):
    with pytest.raises(UserError, match=f"--{name} -1 is not possible"):
        Cadence(**{name: -1})


def test_the_command_line_counts_more_than_the_run_s_own():
    stored = {"strategy": "mirrored", "precision": "mixed_bfloat16", "gradient_accumulation_steps": 2}
    given = Execution.of(stored, {"gradient_accumulation_steps": 4})
    assert given == Execution("mirrored", "mixed_bfloat16", gradient_accumulation_steps=4)
    assert str(given) == "--strategy mirrored --precision mixed_bfloat16 --gradient_accumulation_steps 4"
    assert Execution.of({}, {}) == Execution()
    assert str(Execution()) == ""


@pytest.mark.parametrize("name", ["steps_per_execution", "gradient_accumulation_steps"])
def test_numbers_of_steps_are_at_least_one(name):
    with pytest.raises(UserError, match=f"--{name} 0 is not possible"):
        Execution(**{name: 0})
