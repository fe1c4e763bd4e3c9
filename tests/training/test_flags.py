"""The command line of a train binary."""

from pathlib import Path

import pytest
from absl import flags as absl_flags

from pipelines.errors import UserError
from pipelines.training import flags
from pipelines.training.config import Budget, Cadence


def parse(*arguments):
    """The flags of a command that defines only these."""
    values = absl_flags.FlagValues()
    flags.define(values)
    values(["train", *arguments])
    return flags.read(values)


def test_the_least_that_can_be_said():
    expected = flags.TrainFlags(Path("d"), Path("w"))
    assert parse("--data=d", "--workdir=w") == expected
    assert expected.cadence == Cadence()
    assert expected.cadence.evaluation_steps == expected.cadence.summary_every


def test_everything():
    given = parse(
        "--data=d", "--workdir=w", "--preset=p", "--minutes=2.5", "--set=a=1", "--set=b.c=2,3", "--seed=4",
        "--resume", "--log_every=5", "--summary_every=6", "--checkpoint_every=7",
        "--evaluate_every=8", "--keep_best=style/kad",
    )  # fmt: skip
    changes, cadence = ("a=1", "b.c=2,3"), Cadence(5, 6, 7, 8)
    assert given == flags.TrainFlags(
        Path("d"), Path("w"), "p", Budget(minutes=2.5), changes, 4, True, cadence, "style/kad"
    )


@pytest.mark.parametrize(
    "execution",
    [
        {"strategy": "mirrored", "gradient_accumulation_steps": 2},
        {"precision": "mixed_bfloat16", "steps_per_execution": 4},
    ],
)
def test_execution_options_are_those_that_are_given(execution):
    arguments = [f"--{name}={value}" for name, value in execution.items()]
    given = parse("--data=d", "--workdir=w", "--worker_timeout=9", *arguments)
    assert (given.execution, given.worker_timeout) == (execution, 9.0)


def test_a_strategy_that_there_is_not_is_refused():
    with pytest.raises(absl_flags.IllegalFlagValueError, match="strategy"):
        parse("--data=d", "--workdir=w", "--strategy=parameter_server")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--keep_best=style/kda"], "there is no such metric; did you mean style/kad"),
        (["--keep_best=score/balance", "--evaluate_every=0"], "--keep_best needs measurements"),
        (["--evaluate_every=-1"], "--evaluate_every -1 is not possible"),
    ],
)
def test_what_cannot_be_measured_is_refused(arguments, message):
    with pytest.raises(UserError, match=message):
        parse("--data=d", "--workdir=w", *arguments)


def test_steps_and_minutes_exclude_each_other():
    with pytest.raises(UserError, match="either --steps or --minutes"):
        parse("--data=d", "--workdir=w", "--steps=3", "--minutes=1")


def test_data_and_workdir_are_required():
    with pytest.raises(absl_flags.IllegalFlagValueError, match="--workdir"):
        parse("--data=d")


def test_every_flag_has_a_help_text():
    values = absl_flags.FlagValues()
    flags.define(values)
    assert all(len(values[name].help) > 20 for name in values)
