import numpy as np
import pytest
import tensorflow as tf

from tests.contracts import batch_of
from tests.transcriber import scenes

pytest.importorskip("torch", reason="PyTorch, the extra 'speed', is not installed")

from tests.tools.benchmarks.pytorch import fixed
from tools.benchmarks.pytorch import transcriber
from tools.benchmarks.pytorch.weights import load


def batch():
    generator = np.random.default_rng(0)
    labels = {
        name: tf.constant(generator.random((2, scenes.FRAMES, width)) < 0.2, tf.float32)
        for name, width in (("sounding", 88), ("onset", 88), ("drums", 3))
    }
    return labels | {"log_mel": batch_of(scenes.SPEC, scenes.FRAMES, 0)["band"]}


BATCH = batch()


def fresh(**groups):
    made = scenes.model(**groups)
    fixed.shaken(made.network)
    return made


def test_the_networks_are_the_same():
    ours = fresh()
    theirs = load(transcriber.Transcriber(ours.config.network, scenes.SPEC), ours.network)
    fixed.compare(ours.network(BATCH["log_mel"]), theirs(fixed.image(BATCH["log_mel"])))
    assert fixed.weights(ours.network) == fixed.parameters(theirs)


def test_steps_are_the_same(monkeypatch):
    ours = fresh(augment={"mix": 1.0})
    weights = {name: getattr(ours.config.loss, name) for name in ("sounding", "onset", "drums")}
    fixed.same_steps(monkeypatch, ours, transcriber.step, BATCH, weights)
