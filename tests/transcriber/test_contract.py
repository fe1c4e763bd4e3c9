"""A transcriber in the real loop: what it learns, and that a stop changes nothing."""

import signal

import numpy as np
import pytest

from pipelines.training.trainer import Outcome
from tests.contracts import state
from tests.transcriber import scenes
from tests.transcriber.conftest import STEPS, train
from transcriber import checkpoint
from transcriber.train import FILE

pytestmark = pytest.mark.slow


def test_training_changes_every_trainable_variable(whole):
    assert whole.outcome == Outcome(STEPS, STEPS)
    before = {v.path: v.numpy() for v in scenes.model().network.trainable_variables}
    after = {v.path: v.numpy() for v in whole.model.network.trainable_variables}
    assert len(before) == len(after) > 20
    assert not [path for path in after if np.array_equal(before[path], after[path])]


def test_resumed_equals_uninterrupted_to_the_last_bit(whole, started):
    workdir = started()
    assert train(workdir, stop=2).outcome == Outcome(3, 3, signal.SIGINT)
    resumed = train(workdir)
    assert resumed.outcome == Outcome(STEPS, STEPS - 3)
    ours, theirs = state(resumed.model), state(whole.model)
    assert len(ours) == len(theirs) > 50
    for name in theirs:
        np.testing.assert_array_equal(ours[name], theirs[name], err_msg=name)


def test_what_it_leaves_is_its_average(whole):
    loaded = checkpoint.load(whole.workdir.path / FILE)
    assert (loaded.config, loaded.spec) == (whole.model.config.network, scenes.SPEC)
    with whole.model.averaged():
        expected = whole.model.network.get_weights()
    for ours, theirs in zip(loaded.network.get_weights(), expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert checkpoint.facts(whole.workdir.path / FILE) == {"preset": "transcriber_tiny", "steps": STEPS}
