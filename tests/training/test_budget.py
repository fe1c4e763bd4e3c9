"""Steps or minutes."""

import pytest

from pipelines.errors import UserError
from pipelines.training.budget import Budget


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
    ],
)
def test_impossible_budgets(steps, minutes, message):
    with pytest.raises(UserError, match=message):
        Budget(steps, minutes)
