import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.contracts import batch_of, randomize
from tests.vaegan.disentangled import tiny
from vaegan.disentangled.model import _halves, _of_other_half

pytestmark = pytest.mark.slow

CLIPS = batch_of(tiny.SPEC, tiny.FRAMES, 0)
STILL = {"weight_decay": 0.0}


def learnt(**groups):
    """A model after one step, and what it logged."""
    model = tiny.model(optimizer=STILL, **groups)
    randomize(model.decoder, 1)
    return model, model.train_step(CLIPS)


def weights(network):
    return [weight.numpy() for weight in network.trainable_variables]


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(weights(one), weights(other), strict=True))


def test_halves_are_stretches_of_the_same_recording():
    clips = {"band": tf.reshape(tf.range(2 * 6), [2, 6])}
    halves = _halves(clips)["band"]
    np.testing.assert_array_equal(halves, [[0, 1, 2], [6, 7, 8], [3, 4, 5], [9, 10, 11]])
    np.testing.assert_array_equal(_of_other_half(halves), [[3, 4, 5], [9, 10, 11], [0, 1, 2], [6, 7, 8]])


def test_a_clip_is_decoded_with_the_style_of_its_other_half():
    model = tiny.model()
    styles = _of_other_half(model._styles(_halves(CLIPS)["band"]))
    second = CLIPS["band"][:, tiny.FRAMES // 2 :]
    expected = model.style_encoder(second).numpy().mean(axis=1)
    np.testing.assert_allclose(styles[:2], expected, atol=1e-5)


def test_the_transcriber_does_not_learn_and_all_else_does():
    model = tiny.model()
    frozen = [weight.numpy() for weight in model.encoders["band"].weights]
    networks = (model.style_encoder, model.decoder, model.discriminator, model.probe)
    before = [weights(network) for network in networks]
    model.train_step(CLIPS)
    for old, new in zip(frozen, model.encoders["band"].weights, strict=True):
        np.testing.assert_array_equal(old, new)
    for old, network in zip(before, networks, strict=True):
        assert not all(np.array_equal(a, b) for a, b in zip(old, weights(network), strict=True))


def test_what_judges_gets_nothing_from_what_makes():
    usual, _ = learnt()
    other, _ = learnt(loss={"reconstruction": 1.0, "style": 9.0, "adversarial": 0.0})
    assert same(usual.discriminator, other.discriminator)
    assert same(usual.probe, other.probe)
    assert not same(usual.decoder, other.decoder)


NOTHING = {"reconstruction": 0.0, "style": 0.0, "adversarial": 0.0}


@pytest.fixture(scope="module")
def untaught():
    return learnt(loss=NOTHING)[0]


@pytest.mark.parametrize("weight", ["reconstruction", "style", "adversarial"])
def test_each_loss_teaches_the_decoder(weight, untaught):
    alone, _ = learnt(loss=NOTHING | {weight: 1.0})
    assert not same(alone.decoder, untaught.decoder)


def test_only_learned_codes_are_confused():
    with_it, without = (learnt(loss={"confusion": weight})[0] for weight in (5.0, 0.0))
    assert same(with_it.decoder, without.decoder)
    # By this seed the probe is better than chance from the start; otherwise it has no gradient here.
    (with_it, logs), (without, _) = (
        learnt(seed=0, codes={"source": "learned"}, loss={"confusion": weight}) for weight in (5.0, 0.0)
    )
    assert float(logs["probe"]) < 0.95 * np.log(2)
    assert not same(with_it.encoders["band"], without.encoders["band"])


class Spy:
    """Codes that tell what they were asked for."""

    def __init__(self, codes):
        self.codes, self.trained_variables, self.asked = codes, codes.trained_variables, []

    def __call__(self, batch, domain, seeds):
        self.asked.append((domain, batch[domain].numpy()))
        return self.codes(batch, domain, seeds)


@pytest.mark.parametrize(("share", "clips"), [(0.5, 2), (1.0, 4)])
def test_back_translated_content_is_that_of_a_translation(share, clips):
    model = tiny.model(loss={"back_translation": share})
    randomize(model.decoder, 1)
    model.codes = Spy(model.codes)
    model.train_step(CLIPS)
    (first, source), (again, made) = model.codes.asked[:2]
    assert (first, again) == ("band", "content")
    np.testing.assert_array_equal(source, _halves(CLIPS)["band"][:clips])
    assert made.shape == source.shape
    assert np.abs(made - source).max() > 0.1
    assert made.min() >= -1


def test_without_back_translation_a_step_is_finite():
    _, logs = learnt(loss={"back_translation": 0.0})
    assert np.isfinite(float(logs["reconstruction/band"]))


def test_the_translator_plays_the_band_s_style_until_told_another():
    model = tiny.model(optimizer={"ema_momentum": 0.9})
    for _ in range(3):
        model.train_step(CLIPS)
    layer = model.translator.get_layer("latent")
    assert np.abs(layer.latent.numpy()).max() > 0
    plain = model.preview(CLIPS)["translation"].numpy()
    codes = model.encoders["content"](CLIPS["content"])
    styles = np.tile(layer.latent.numpy(), (2, codes.shape[1], 1))
    np.testing.assert_allclose(plain, model.decoder([codes, tf.constant(styles)]), atol=1e-5)
    layer.set_latent(layer.latent.numpy() + 3)
    assert np.abs(model.preview(CLIPS)["translation"] - plain).max() > 1e-3


def test_what_it_tells_of_itself():
    model = tiny.model()
    assert model.style_encoder(CLIPS["band"]).shape == (2, tiny.FRAMES // 8, 3)
    for domain in ("content", "band"):
        found = model.content_codes(CLIPS[domain], domain)
        np.testing.assert_array_equal(found, model.encoders[domain](CLIPS[domain]))


def test_learned_codes_are_of_one_size_whatever_the_song():
    model = tiny.model(codes={"source": "learned"})
    loud = keras.ops.clip(CLIPS["band"] * 0.5 + 0.5, -1.0, 1.0)
    for clips in (CLIPS["band"], loud):
        found = model.content_codes(clips, "band").numpy()
        np.testing.assert_allclose(found.mean(axis=-1), 0, atol=1e-5)
        np.testing.assert_allclose(found.std(axis=-1), 1, atol=0.05)
