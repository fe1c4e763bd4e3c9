import pytest

from pipelines.errors import UserError
from pipelines.training.execution import Execution


def test_the_command_line_counts_more_than_the_run_s_own():
    stored = {"strategy": "mirrored", "precision": "mixed_bfloat16", "gradient_accumulation_steps": 2}
    given = Execution.of(stored, {"gradient_accumulation_steps": 4})
    assert given == Execution("mirrored", "mixed_bfloat16", gradient_accumulation_steps=4)
    assert str(given) == "--strategy mirrored --precision mixed_bfloat16 --gradient_accumulation_steps 4"
    assert Execution.of({}, {}) == Execution()
    assert str(Execution()) == ""


@pytest.mark.parametrize("name", ["steps_per_execution", "gradient_accumulation_steps"])
def test_numbers_are_at_least_one(name):
    with pytest.raises(UserError, match=f"--{name} 0 is not possible"):
        Execution(**{name: 0})
