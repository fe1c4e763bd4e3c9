"""Every family does the same step on one device, on two, in two turns and compiled; nearly so in bfloat16."""

import json
import os

import pytest

from tests import commands
from tests.training import families, on_devices

# Compilers that do not optimise are done sooner; what they make computes the same.
_QUICK = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"

# Of the losses, relative; and of how far the weights moved. Adam's first step is the gradient's sign, so that
# a gradient of nearly nothing moves its weight as far as any other: hence the shares.
TOLERANCES = {
    "mirrored": (1e-5, 1e-5),
    "accumulate": (1e-5, 1e-5),
    "compiled": (1e-4, 2e-3),
    "mixed_bfloat16": (0.05, 0.1),
}
# Not known in the first turns, for it follows from the whole batch: the pool of past translations; features'
# variances; Gram matrices.
OF_WHOLE_BATCHES = {"cyclegan": (2e-3, 1e-3), "vaegan": (5e-3, 0.02), "styletransfer": (0.5, 0.2)}


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


@pytest.mark.parametrize("way", list(on_devices.WAYS))
@pytest.mark.parametrize("family", list(families.FAMILIES))
def test_the_step_is_that_of_one_device(found, family, way):
    line = found[family, way]
    of_losses, of_weights = TOLERANCES[way]
    if way == "accumulate":
        of_losses, of_weights = OF_WHOLE_BATCHES.get(family, TOLERANCES[way])
    assert line["other"] == pytest.approx(line["one"], rel=of_losses, abs=1e-6)
    assert line["apart"] < of_weights


def test_what_two_devices_leave_is_for_one_and_in_float32(found):
    kept = found["content_decoder", "kept"]
    assert kept["restored"]
    assert kept["computes_in"] == ["float32"]
    assert 0 < kept["apart"] < 0.05
