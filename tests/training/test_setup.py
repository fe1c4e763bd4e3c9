"""Tests of a run's execution settings, which are stored with it and may change when it is resumed."""

import contextlib
import dataclasses
import json
import socket
from pathlib import Path

import pytest

from pipelines.errors import UserError
from pipelines.training.config import Budget, Execution
from pipelines.training.flags import TrainFlags
from pipelines.training.hardware import Hardware
from pipelines.training.setup import opened
from pipelines.training.workdir import RunRecord, Workdir
from tests.training.worker import PRESETS


@pytest.fixture
def asked(tmp_path):
    return TrainFlags(Path("data"), tmp_path / "run")


def execution(asked, **changes):
    """Of a run that is begun or goes on."""
    with opened("small", PRESETS, dataclasses.replace(asked, **changes), None) as run:
        return run.devices.execution


def test_it_is_the_run_s_own_until_the_command_line_says_something_else(asked, capfd):
    assert execution(asked, execution={"gradient_accumulation_steps": 2}) == Execution(
        gradient_accumulation_steps=2
    )
    assert execution(asked, resume=True) == Execution(gradient_accumulation_steps=2)
    assert "from now on" not in capfd.readouterr().err
    given = {"gradient_accumulation_steps": 1, "precision": "mixed_bfloat16"}
    assert execution(asked, resume=True, execution=given) == Execution(precision="mixed_bfloat16")
    assert "from now on: --precision mixed_bfloat16\n" in capfd.readouterr().err
    assert execution(asked, resume=True) == Execution(precision="mixed_bfloat16")
    assert execution(asked, resume=True, execution={"precision": "float32"}) == Execution()
    assert "from now on: on one device, in float32\n" in capfd.readouterr().err


def test_the_first_line_says_what_it_runs_on(asked, capfd):
    execution(asked)
    assert capfd.readouterr().err.startswith(f"training on {Hardware.from_machine()}\n")


def test_a_run_that_is_older_than_these_flags_goes_on(asked):
    execution(asked)
    workdir = Workdir(asked.workdir)
    stored = dataclasses.asdict(workdir.record())
    del stored["execution"]
    workdir.write(RunRecord(**stored))
    assert execution(asked, resume=True) == Execution()


def initial_weights(asked, **changes):
    """Name of the weights that a run starts from."""
    with opened("small", PRESETS, dataclasses.replace(asked, **changes), None) as run:
        return run.init


def test_a_run_that_was_killed_before_its_first_checkpoint_starts_from_the_same_weights(asked):
    assert initial_weights(asked, init="shipped") == "shipped"
    assert initial_weights(asked, resume=True) == "shipped"
    with pytest.raises(UserError, match=r"other settings \(init shipped against other.npz\)"):
        initial_weights(asked, resume=True, init="other.npz")
    checkpoints = Workdir(asked.workdir).checkpoints
    checkpoints.mkdir()
    (checkpoints / "step-1.index").touch()
    assert initial_weights(asked, resume=True) is None


def refused(asked, made=(), **changes):
    """A run whose settings do not fit, after it has made files or folders."""
    with (
        contextlib.suppress(UserError),
        opened("small", PRESETS, dataclasses.replace(asked, **changes), None) as run,
    ):
        for path in made:
            (run.workdir.path / path).mkdir()
        raise UserError("it does not fit")


def test_a_run_that_could_not_begin_can_be_started_with_other_settings(asked):
    refused(asked, made=["kept"], init="wrong")
    assert initial_weights(asked, init="right") == "right"


def test_a_run_that_has_begun_stays(asked):
    refused(asked, made=["logs"])
    refused(asked, made=["more"], resume=True)
    execution(asked, resume=True)


def test_what_cannot_be_carried_out_leaves_no_run_behind(asked, monkeypatch):
    task = {"type": "worker", "index": 0}
    monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": {"worker": ["localhost:1"]}, "task": task}))
    with pytest.raises(UserError, match="--minutes is not for --strategy multiworker"):
        execution(asked, execution={"strategy": "multiworker"}, budget=Budget(minutes=1.0))
    with pytest.raises(UserError, match="--gradient_accumulation_steps 0 is not possible"):
        execution(asked, execution={"gradient_accumulation_steps": 0})
    assert not asked.workdir.exists()


def test_a_worker_that_never_comes_is_one_sentence(asked, monkeypatch):
    addresses = []
    for _ in range(2):
        with socket.create_server(("localhost", 0)) as free:
            addresses.append(f"localhost:{free.getsockname()[1]}")
    task = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": 0}}
    monkeypatch.setenv("TF_CONFIG", json.dumps(task))
    with pytest.raises(UserError, match=f"the worker at {addresses[1]} has not come within 0.1 s: start it"):
        execution(asked, execution={"strategy": "multiworker"}, worker_timeout=0.1)
    assert not asked.workdir.exists()
