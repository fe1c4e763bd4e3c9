import numpy as np
import pytest

from tests.transcriber.content_decoder import tiny

pytest.importorskip("torch", reason="PyTorch, the extra 'speed', is not installed")

from tests.tools.benchmarks.pytorch import fixed
from tools.benchmarks.pytorch import decoder
from tools.benchmarks.pytorch.playing import Decoder, Level
from tools.benchmarks.pytorch.weights import load

BATCH = fixed.heard_batch(tiny.SPEC, tiny.FRAMES)


@pytest.fixture(scope="module")
def model():
    made = tiny.model()
    fixed.shaken(made.decoder)
    made.set_statistics(fixed.arrays(BATCH))
    return made


def test_decoders_are_the_same(model):
    content = np.random.default_rng(0).normal(size=(2, tiny.FRAMES, 180, 1)).astype(np.float32)
    theirs = load(Decoder(model.config.network, tiny.SPEC.n_mels), model.decoder)
    fixed.compare(model.decoder(content)[..., 0], theirs(fixed.tensor(content[..., 0])))
    assert fixed.weights(model.decoder) == fixed.parameters(theirs)


def test_levels_are_the_same(model):
    encoder = model.encoders["content"]
    ours = encoder(BATCH["content"])[:, :, -1]
    fixed.compare(ours, Level(encoder)(fixed.tensor(BATCH["content"][..., 0])))


def test_steps_are_the_same(model, monkeypatch):
    fixed.same_steps(monkeypatch, model, decoder.step, BATCH, {"reconstruction": 1.0})


def test_who_is_not_told_what_is_heard_has_no_peer(model):
    assert decoder.step(model, {"band": np.array(BATCH["band"])}) is None
