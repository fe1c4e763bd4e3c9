from types import SimpleNamespace

import numpy as np
import pytest

from tests.vaegan.disentangled import tiny

pytest.importorskip("torch", reason="PyTorch, the extra 'speed', is not installed")

from tests.tools.benchmarks.pytorch import fixed
from tools.benchmarks.pytorch import disentangled

BATCH = fixed.heard_batch(tiny.SPEC, tiny.FRAMES)


@pytest.fixture(scope="module")
def model():
    made = tiny.model()
    fixed.shaken(made.style_encoder, made.decoder, made.discriminator, made.probe)
    made.average.set_weights(made.decoder.get_weights())
    made.set_statistics(fixed.arrays(BATCH))
    return made


def test_the_networks_are_the_same(model):
    theirs, clips = disentangled.Disentangled(model), fixed.tensor(BATCH["band"][..., 0])
    codes, styles = (
        np.random.default_rng(i).normal(size=shape).astype(np.float32)
        for i, shape in enumerate([(2, 8, 360), (2, 3)])
    )
    fixed.compare(model._styles(BATCH["band"]), theirs.style_encoder(clips))
    played = model.decoder([codes, np.repeat(styles[:, None], 8, axis=1)])[..., 0]
    fixed.compare(played, theirs.decoder(fixed.tensor(codes), fixed.tensor(styles)))
    fixed.compare(model.probe(codes), theirs.probe(fixed.tensor(codes)))
    fixed.compare(model.discriminator(BATCH["band"]), theirs.discriminator(clips[:, None]))
    for name in ("style_encoder", "decoder", "probe", "discriminator"):
        assert fixed.weights(getattr(model, name)) == fixed.parameters(getattr(theirs, name))


def test_steps_are_the_same(model, monkeypatch):
    loss = model.config.loss
    weights = {"reconstruction": loss.reconstruction, "style": loss.style, "decoder/fooled": loss.adversarial}
    weights |= {"discriminator": 1.0, "codes/told": 1.0}
    fixed.same_steps(monkeypatch, model, disentangled.step, BATCH, weights)


def test_codes_that_learn_have_no_peer():
    odd = SimpleNamespace(config=tiny.config(codes={"source": "learned"}))
    assert disentangled.step(odd, fixed.arrays(BATCH)) is None
