import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from tests.vaegan import tiny

pytest.importorskip("torch", reason="PyTorch, the extra 'speed', is not installed")

from tests.tools.benchmarks.pytorch import equivalence
from tools.benchmarks.pytorch import conditioning, vaegan
from transcriber import content
from transcriber.perturbation import perturbed, with_perturbed_view
from vaegan.config import vaegan_larsen
from vaegan.networks import noise_channels

BATCH = equivalence.transcribed_batch(tiny.SPEC, tiny.FRAMES)
NETWORKS = ("encoder", "decoder", "discriminator")
# The warm-up ends before the last of three steps; the first and the last have a gradient penalty.
HINGE = {"loss": {"warm_up": 1.5 / tiny.config().steps, "penalty_every": 2}}
# A margin so narrow that a gate is closed.
MINIMAX = {
    "loss": {**dataclasses.asdict(vaegan_larsen().loss), "samples": "band", "margin": 1e-3},
    "decoder": {"refiner": 0},
}


def fresh(**groups):
    made = tiny.model(**groups)
    equivalence.randomize_weights(made.encoder, made.decoder, made.discriminator)
    made.set_levels({name: BATCH[name].numpy() for name in ("content", "band")})
    return made


@pytest.mark.parametrize("refiner", [0, 4])
def test_equal_networks(refiner):
    model = fresh(decoder={"refiner": refiner})
    theirs = vaegan.VAEGAN(model)
    positions, numbers = (tiny.FRAMES, tiny.FRAMES // 8, tiny.FRAMES), noise_channels(model.config)
    sizes = zip(positions, (content.view_size(tiny.SPEC.n_mels), 3, numbers), strict=True)
    inputs = [tf.random.stateless_normal([2, *size], [1, 2]) for size in sizes]
    decoded = theirs.decoder(*(equivalence.tensor(each) for each in inputs))
    equivalence.assert_close(model.decoder([inputs[0][..., None], *inputs[1:]])[..., 0], decoded)
    equivalence.assert_close(
        model.encoder(BATCH["band"]), theirs.encoder(equivalence.tensor(BATCH["band"][..., 0]))
    )
    equivalence.assert_close(
        model.discriminator(BATCH["band"]), theirs.discriminator(equivalence.image(BATCH["band"]))
    )
    for name in NETWORKS:
        assert equivalence.weights(getattr(model, name)) == equivalence.parameters(getattr(theirs, name))


def test_equal_perturbations(monkeypatch):
    equivalence.fix_random_draws(monkeypatch)
    config, seeds = tiny.config(), iter(tf.zeros([20, 2], tf.int32))
    notes = np.random.default_rng(1).normal(size=(2, tiny.FRAMES, content.CONTENT, 1)).astype(np.float32)
    logits, level = (
        equivalence.tensor(each[..., 0]) for each in np.split(notes, [content.NOTE_LOGITS], axis=2)
    )
    ours = perturbed(tf.constant(notes), config.content, seeds)
    theirs = conditioning.perturbed(logits / content.SCALE, level, config.content)
    equivalence.assert_close(ours[..., 0], theirs)
    ours = with_perturbed_view(ours, BATCH["band"], config.view, seeds)
    theirs = conditioning.with_perturbed_view(theirs, equivalence.tensor(BATCH["band"][..., 0]), config.view)
    equivalence.assert_close(ours[..., 0], theirs)
    presences = ours[:, 0, -len(content.PRESENCES) :, 0].numpy()
    assert (presences[0] == 0).all()
    assert (presences[1] > 0).all()


@pytest.mark.parametrize(("groups", "gates"), [(HINGE, {1.0}), (MINIMAX, {0.0, 1.0})])
def test_equal_steps(monkeypatch, groups, gates):
    ours, made, make = fresh(**groups), [], vaegan.VAEGAN

    def kept(model):
        made.append(make(model))
        return made[-1]

    monkeypatch.setattr(vaegan, "VAEGAN", kept)
    losses = dict.fromkeys(("kl", "reconstruction", "samples", "decoder", "discriminator"), 1.0)
    equivalence.assert_equal_steps(monkeypatch, ours, vaegan.step, BATCH, losses)
    assert {float(gate) for gate in ours.gates.values()} == gates
    (theirs,), now = made, make(ours)
    for name in NETWORKS:
        equivalence.assert_equal_parameters(getattr(now, name), getattr(theirs, name))
    with ours.averaged():
        equivalence.assert_equal_parameters(make(ours).decoder, theirs.average.network)
    equivalence.assert_close(ours.translator.get_layer("latent").latent, theirs.latent)


def test_batches_without_note_logits_have_no_reference():
    assert vaegan.step(fresh(), {"band": np.array(BATCH["band"])}) is None
