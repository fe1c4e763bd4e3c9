"""Several steps in one execution: nothing that is due is late."""

import os
import signal

import keras
import numpy as np
import pytest

from pipelines.training.budget import Budget
from pipelines.training.cadence import Cadence
from pipelines.training.devices import Devices
from pipelines.training.execution import Execution
from pipelines.training.loop import Loop, Outcome
from pipelines.training.nobody import Nobody
from pipelines.training.runs import RunRecord, Workdir
from tests.training import fakes


class Witness(Nobody):
    """Remembers when what was done, and what was logged."""

    def __init__(self, model):
        self.events, self.model, self.logs, self.done = self, model, {}, []

    def scalars(self, step, values, curves):
        self.logs[step] = values["distance"]

    def close(self):
        """Nothing is open."""

    def preview(self, step, means):
        self.done.append(("preview", step))

    def evaluate(self, step):
        self.done.append(("evaluate", step))

    def save(self):
        self.done.append(("save", int(self.model.step.numpy())))


def train(folder, at_once, stop=None):
    """Nine steps, or until Ctrl-C comes while the batch of step `stop` is fetched."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(5)
    model, workdir = fakes.TinyModel(), Workdir(folder / "run")
    if not workdir.config.exists():
        workdir.start(RunRecord("tiny", "tiny", 0, {}), fakes.SPEC)
    witness, devices = Witness(model), Devices(Execution(steps_per_execution=at_once))
    loop = Loop(model, workdir, Budget(steps=9), Cadence(2, 6, 4, 5), witness, devices)
    outcome = loop.run(
        lambda first: fakes.batches(
            first, lambda step: os.kill(os.getpid(), signal.SIGINT) if step == stop else None
        )
    )
    return model, outcome, witness


@pytest.fixture(scope="module")
def one_by_one(tmp_path_factory):
    return train(tmp_path_factory.mktemp("one"), 1)


def test_two_at_once_are_as_one_by_one(one_by_one, tmp_path):
    model, outcome, witness = train(tmp_path, 2)
    assert outcome == one_by_one[1] == Outcome(9, 9)
    assert witness.done == one_by_one[2].done
    assert witness.done[:4] == [("save", 4), ("evaluate", 5), ("preview", 6), ("save", 8)]
    assert witness.logs == pytest.approx(one_by_one[2].logs, rel=1e-5)
    for ours, theirs in zip(model.variables, one_by_one[0].variables, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5, err_msg=ours.path)


def test_ctrl_c_ends_the_execution_and_what_was_done_goes_on(one_by_one, tmp_path):
    _, outcome, witness = train(tmp_path, 2, stop=2)
    assert outcome == Outcome(4, 4, signal.SIGINT)
    assert witness.done == [("save", 4)]
    model, outcome, witness = train(tmp_path, 2)
    assert outcome == Outcome(9, 5)
    assert witness.logs[8] == pytest.approx(one_by_one[2].logs[8], rel=1e-5)
    for ours, theirs in zip(model.variables, one_by_one[0].variables, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5, err_msg=ours.path)
