"""Every family is trained on two devices, compiled by XLA, and in bfloat16."""

import json
import os

import pytest

from tests import commands
from tests.training import families, on_devices

# Compilers that do not optimise are done sooner; what they make computes the same.
_QUICK = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"

# Of the losses, relative; and of how far the weights moved. Adam's first step is the gradient's sign, so that
# a gradient of nearly nothing moves its weight as far as any other: hence the shares.
TOLERANCES = {"mixed_bfloat16": (0.05, 0.1)}


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


@pytest.mark.parametrize("way", list(TOLERANCES))
@pytest.mark.parametrize("family", list(families.FAMILIES))
def test_the_step_is_that_of_one_device(found, family, way):
    line = found[family, way]
    of_losses, of_weights = TOLERANCES[way]
    assert line["other"] == pytest.approx(line["one"], rel=of_losses, abs=1e-6)
    assert line["apart"] < of_weights


@pytest.mark.parametrize("way", ["mirrored", "compiled"])
@pytest.mark.parametrize("family", list(families.FAMILIES))
def test_with_other_random_numbers_the_losses_are_alike(found, family, way):
    """Two devices, and XLA, draw others; losses are means over all clips."""
    line = found[family, way]
    assert set(line["other"]) == set(line["one"])
    assert line["other"] == pytest.approx(line["one"], rel=0.5, abs=0.1)
    assert 0 < line["apart"] < 1


def test_resumed_equals_uninterrupted_on_two_devices(found):
    line = found["cyclegan", "resumed"]
    assert line["apart"] < 1e-4
    assert line["replicas_apart"] < 1e-6


def test_what_two_devices_leave_is_for_one_and_in_float32(found):
    kept = found["content_decoder", "kept"]
    assert kept["restored"]
    assert kept["computes_in"] == ["float32"]
    assert 0 < kept["apart"] < 0.05
