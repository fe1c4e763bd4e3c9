"""One device, in one process; several: see test_strategies.py and test_workers.py."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from pipelines.errors import UserError
from pipelines.training.config import Execution
from pipelines.training.distribution import Devices
from tests.training import fakes


def trained(steps, execution=None):
    """A small model after some executions of so many steps each, and what every step returned."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(5)
    devices = Devices(execution)
    with devices.building():
        model = fakes.TinyModel()
        model.compile(total_steps=4)
    train, batches = devices.steps(model), fakes.batches(0)
    logs = [train(list(itertools.islice(batches, count))) for count in steps]
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
    assert len(set(logs["learning_rate/generator"])) == 4
    for ours, theirs in zip(model.variables, one_by_one[0].variables, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5, err_msg=ours.path)


def test_accumulated_gradients_are_those_of_the_larger_batch():
    """Two batches of two clips, whose mean gradient is that of one batch of four."""
    ours, theirs = fakes.TinyModel(), fakes.TinyModel()
    theirs.set_weights(ours.get_weights())
    ours.compile(total_steps=1e6, gradient_accumulation_steps=2)
    theirs.compile(total_steps=1e6)
    halves = [fakes.batch_of(step)["content"] for step in range(2)]
    variables = ours.trained_variables["generator"]
    for half in halves:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(ours.translator(half)))
        ours.update("generator", loss, tape)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(theirs.translator(tf.concat(halves, axis=0))))
    theirs.update("generator", loss, tape)
    for a, b in zip(variables, theirs.trained_variables["generator"], strict=True):
        np.testing.assert_allclose(a, b, atol=1e-4, err_msg=a.path)


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
