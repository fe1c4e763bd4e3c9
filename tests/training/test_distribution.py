"""Tests of training on one device, on two, compiled by XLA, and in bfloat16; workers: see test_workers.py."""

import itertools
import json
import os

import keras
import numpy as np
import pytest
import tensorflow as tf

from pipelines.errors import UserError
from pipelines.training.config import Execution
from pipelines.training.distribution import Devices
from tests import commands
from tests.training import fakes, families, on_devices

# Compilers that do not optimise are done sooner; what they make computes the same.
_QUICK = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"

# Of the losses, relative; and of how far the weights moved. Adam's first step is the gradient's sign, so that
# a gradient of nearly nothing moves its weight as far as any other: hence the shares.
TOLERANCES = {"mixed_bfloat16": (0.05, 0.1)}


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


@pytest.mark.slow
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


@pytest.fixture(scope="module")
def found():
    """Output of the program, parsed, by family and way."""
    environment = {
        **os.environ,
        "XLA_FLAGS": _QUICK,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
    }
    run = commands.run(on_devices.__name__, environment=environment, seconds=900)
    assert run.returncode == 0, run.stderr[-3000:]
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    return {(line["family"], line["way"]): line for line in lines}


@pytest.mark.slow
@pytest.mark.parametrize("way", list(TOLERANCES))
@pytest.mark.parametrize("family", list(families.FAMILIES))
def test_the_step_is_that_of_one_device(found, family, way):
    line = found[family, way]
    of_losses, of_weights = TOLERANCES[way]
    assert line["other"] == pytest.approx(line["one"], rel=of_losses, abs=1e-6)
    assert line["apart"] < of_weights


@pytest.mark.slow
@pytest.mark.parametrize("way", ["mirrored", "compiled"])
@pytest.mark.parametrize("family", list(families.FAMILIES))
def test_with_other_random_numbers_the_losses_are_alike(found, family, way):
    """Two devices, and XLA, draw others; losses are means over all clips."""
    line = found[family, way]
    assert set(line["other"]) == set(line["one"])
    assert line["other"] == pytest.approx(line["one"], rel=0.5, abs=0.1)
    assert 0 < line["apart"] < 1


@pytest.mark.slow
def test_resumed_equals_uninterrupted_on_two_devices(found):
    line = found["content_decoder", "resumed"]
    assert line["apart"] < 1e-4
    assert line["replicas_apart"] < 1e-6


@pytest.mark.slow
def test_what_two_devices_leave_is_for_one_and_in_float32(found):
    kept = found["content_decoder", "kept"]
    assert kept["restored"]
    assert kept["computes_in"] == ["float32"]
    assert 0 < kept["apart"] < 0.05
