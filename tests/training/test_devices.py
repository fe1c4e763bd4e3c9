"""One device, in one process; several: see test_strategies.py and test_workers.py."""

import itertools

import keras
import numpy as np
import pytest

from pipelines.errors import UserError
from pipelines.training.devices import Devices
from pipelines.training.execution import Execution
from tests.training import fakes


def trained(steps, execution=None, progress=(0.0, 0.25, 0.5, 0.75)):
    """A small model after some executions of so many steps each, and what every step returned."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(5)
    devices = Devices(execution)
    with devices.building():
        model = fakes.TinyModel()
    train, batches, shares = devices.steps(model), fakes.batches(0), iter(progress)
    logs = [
        train(list(itertools.islice(batches, count)), list(itertools.islice(shares, count)))
        for count in steps
    ]
    return model, {name: np.concatenate([np.ravel(log[name]) for log in logs]) for name in logs[0]}


@pytest.fixture(scope="module")
def one_by_one():
    return trained([1, 1, 1, 1])


@pytest.mark.parametrize("steps", [[4], [1, 3]])
def test_several_steps_in_one_execution_are_the_same_steps(one_by_one, steps):
    model, logs = trained(steps)
    assert int(model.step.numpy()) == 4
    for name, values in one_by_one[1].items():
        np.testing.assert_allclose(logs[name], values, rtol=1e-5, err_msg=name)
    assert len(set(logs["rate/generator"])) == 4
    for ours, theirs in zip(model.variables, one_by_one[0].variables, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5, err_msg=ours.path)


def test_clips_have_to_divide():
    devices = Devices(Execution(accumulate=3))
    devices.require_dealt(6)
    with pytest.raises(UserError, match=r"so many clips cannot be dealt out .* a multiple of 3"):
        devices.require_dealt(4)


def test_more_turns_are_those_that_clips_can_be_dealt_out_to():
    for now, clips, more in ((1, 8, 2), (2, 6, 3), (8, 8, None), (3, 12, 4), (1, 1, None)):
        devices = Devices(Execution(accumulate=now))
        assert devices.more_turns(clips) == more
        if more:
            Devices(Execution(accumulate=more)).require_dealt(clips)


@pytest.mark.parametrize(
    ("strategy", "message"),
    [
        ("mirrored", "this machine has one device for training, CPU:0: leave the flag out"),
        ("multiworker", "TF_CONFIG does not say which workers there are"),
        ("tpu", r"no TPU can be used from this machine \(it has none\)"),
    ],
)
def test_what_this_machine_cannot_do_is_one_sentence(strategy, message, monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    monkeypatch.delenv("TPU_NAME", raising=False)
    with pytest.raises(UserError, match=message):
        Devices(Execution(strategy))
