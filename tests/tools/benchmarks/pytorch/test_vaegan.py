import numpy as np
import pytest

from tests.vaegan import tiny

pytest.importorskip("torch", reason="PyTorch, the extra 'speed', is not installed")

from tests.tools.benchmarks.pytorch import equivalence
from tools.benchmarks.pytorch import vaegan

BATCH = equivalence.transcribed_batch(tiny.SPEC, tiny.FRAMES)


def fresh(**groups):
    made = tiny.model(**groups)
    equivalence.randomize_weights(made.encoder, made.decoder, made.discriminator)
    made.set_levels({name: BATCH[name].numpy() for name in ("content", "band")})
    return made


def test_equal_networks():
    model = fresh()
    theirs = vaegan.VAEGAN(model)
    content, latent = (
        np.random.default_rng(i).normal(size=shape).astype(np.float32)
        for i, shape in enumerate([(2, tiny.FRAMES, 180, 1), (2, tiny.FRAMES // 8, 3)])
    )
    equivalence.assert_close(
        model.encoder(BATCH["band"]), theirs.encoder(equivalence.tensor(BATCH["band"][..., 0]))
    )
    decoded = theirs.decoder(equivalence.tensor(content[..., 0]), equivalence.tensor(latent))
    equivalence.assert_close(model.decoder([content, latent])[..., 0], decoded)
    equivalence.assert_close(
        model.discriminator(BATCH["band"]), theirs.discriminator(equivalence.image(BATCH["band"]))
    )
    for name in ("encoder", "decoder", "discriminator"):
        assert equivalence.weights(getattr(model, name)) == equivalence.parameters(getattr(theirs, name))


def test_equal_steps(monkeypatch):
    # A margin so narrow that a gate is closed.
    ours = fresh(loss={"margin": 0.0})
    loss = ours.config.loss
    weights = {"reconstruction/features": loss.features, "reconstruction/pixels": loss.pixels, "kl": loss.kl}
    equivalence.assert_equal_steps(monkeypatch, ours, vaegan.step, BATCH, weights)


def test_batches_without_note_logits_have_no_reference():
    assert vaegan.step(fresh(), {"band": np.array(BATCH["band"])}) is None
