import numpy as np
import pytest

from tests.vaegan import tiny

pytest.importorskip("torch", reason="PyTorch, the extra 'speed', is not installed")

from tests.tools.benchmarks.pytorch import fixed
from tools.benchmarks.pytorch import vaegan

BATCH = fixed.heard_batch(tiny.SPEC, tiny.FRAMES)


def fresh(**groups):
    made = tiny.model(**groups)
    fixed.shaken(made.encoder, made.decoder, made.discriminator)
    made.set_levels({name: BATCH[name].numpy() for name in ("content", "band")})
    return made


def test_the_networks_are_the_same():
    model = fresh()
    theirs = vaegan.VAEGAN(model)
    content, latent = (
        np.random.default_rng(i).normal(size=shape).astype(np.float32)
        for i, shape in enumerate([(2, tiny.FRAMES, 180, 1), (2, tiny.FRAMES // 8, 3)])
    )
    fixed.compare(model.encoder(BATCH["band"]), theirs.encoder(fixed.tensor(BATCH["band"][..., 0])))
    played = theirs.decoder(fixed.tensor(content[..., 0]), fixed.tensor(latent))
    fixed.compare(model.decoder([content, latent])[..., 0], played)
    fixed.compare(model.discriminator(BATCH["band"]), theirs.discriminator(fixed.image(BATCH["band"])))
    for name in ("encoder", "decoder", "discriminator"):
        assert fixed.weights(getattr(model, name)) == fixed.parameters(getattr(theirs, name))


def test_steps_are_the_same(monkeypatch):
    # So narrow a margin that a network has to wait.
    ours = fresh(loss={"margin": 0.0})
    loss = ours.config.loss
    weights = {"reconstruction/features": loss.features, "reconstruction/pixels": loss.pixels, "kl": loss.kl}
    fixed.same_steps(monkeypatch, ours, vaegan.step, BATCH, weights)
