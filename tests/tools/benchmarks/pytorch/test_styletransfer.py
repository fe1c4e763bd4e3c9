import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from tests.contracts import batch_of
from tests.styletransfer.feedforward import tiny

pytest.importorskip("torch", reason="PyTorch, the extra 'speed', is not installed")

from tests.tools.benchmarks.pytorch import fixed
from tools.benchmarks.pytorch import styletransfer

BATCH = batch_of(tiny.SPEC, tiny.FRAMES, 0)


@pytest.fixture(scope="module")
def model():
    made = tiny.model()
    fixed.shaken(made.network)
    return made


def test_the_networks_are_the_same(model):
    theirs, clips = styletransfer.FeedForward(model), fixed.image(BATCH["content"])
    fixed.compare(model.network(BATCH["content"]), theirs.network(clips))
    fixed.compare(model._content[0](BATCH["content"]), theirs._heard(clips))
    style = [np.array(x)[:, :, 0] for x in model.style._network[0](BATCH["content"])]
    fixed.compare(style, theirs.style(clips))
    assert fixed.weights(model.network) == fixed.parameters(theirs.network)


def test_steps_are_the_same(model, monkeypatch):
    weights = dataclasses.asdict(model.config.loss)
    fixed.same_steps(monkeypatch, model, styletransfer.step, BATCH, weights)


def test_features_that_no_preset_has_have_no_peer():
    odd = SimpleNamespace(config=tiny.config(perceptual={"style": "transcriber"}))
    assert styletransfer.step(odd, fixed.arrays(BATCH)) is None
