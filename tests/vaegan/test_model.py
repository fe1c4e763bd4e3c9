"""Tests of the gradient routing of Larsen et al.'s algorithm 1, exact to the last bit."""

import functools

import numpy as np
import pytest
import tensorflow as tf

from tests.contracts import batch_of
from tests.vaegan import tiny

OPEN = {"margin": 10.0}
NETWORKS = ("encoder", "decoder", "discriminator")
CLIPS = batch_of(tiny.SPEC, tiny.FRAMES, 0)


@functools.cache
def learnt(**loss):
    """Weights of each network after one step, in which all are updated unless `margin` is given; logs."""
    model = tiny.model(loss=OPEN | loss, optimizer={"weight_decay": 0.0})
    logs = model.train_step(CLIPS)
    weights = {name: [w.numpy() for w in getattr(model, name).trainable_variables] for name in NETWORKS}
    return weights | {"logs": logs, "model": model}


@pytest.fixture(scope="module", autouse=True)
def _forgotten():
    """Models are not kept beyond this file."""
    yield
    learnt.cache_clear()


@pytest.fixture(scope="module")
def untrained():
    model = tiny.model()
    return {name: [w.numpy() for w in getattr(model, name).trainable_variables] for name in NETWORKS}


@pytest.fixture(scope="module")
def usual():
    return learnt()


def same(one, other, network):
    return all(np.array_equal(a, b) for a, b in zip(one[network], other[network], strict=True))


def test_all_three_learn(usual, untrained):
    assert not any(same(usual, untrained, name) for name in NETWORKS)


def test_the_encoder_gets_nothing_from_the_gan(usual, untrained):
    alone = learnt(features=0.0, pixels=0.0, kl=0.0)
    assert same(alone, untrained, "encoder")
    assert not same(alone, untrained, "decoder")
    assert same(learnt(adversarial="non_saturating"), usual, "encoder")


def test_the_discriminator_gets_nothing_from_reconstruction_or_divergence(usual):
    assert same(learnt(features=0.0, kl=7.0), usual, "discriminator")
    assert same(learnt(pixels=5.0, gamma=0.2), usual, "discriminator")


def test_the_decoder_gets_nothing_from_the_divergence(usual):
    assert same(learnt(kl=7.0), usual, "decoder")
    assert not same(learnt(kl=7.0), usual, "encoder")


@pytest.mark.slow
def test_gamma_is_the_share_of_reconstruction(usual):
    assert same(learnt(gamma=1.0), learnt(gamma=1.0, adversarial="non_saturating"), "decoder")
    assert same(learnt(gamma=0.0), learnt(gamma=0.0, features=9.0), "decoder")
    assert not same(learnt(gamma=0.0), usual, "decoder")


@pytest.mark.slow
def test_in_pixels_the_features_do_not_count():
    pixels = {"features": 0.0, "pixels": 1.0, "gamma": 1.0}
    assert not same(learnt(**pixels), learnt(gamma=1.0), "decoder")
    assert not same(learnt(**pixels), learnt(gamma=1.0), "encoder")


@pytest.mark.parametrize(
    ("equilibrium", "margin", "waiting"), [(9.0, 1.0, "discriminator"), (0.01, 0.0, "decoder")]
)
def test_a_closed_gate_keeps_the_weights(untrained, equilibrium, margin, waiting):
    found = learnt(equilibrium=equilibrium, margin=margin)
    assert [name for name in NETWORKS if same(found, untrained, name)] == [waiting]
    assert float(found["logs"][f"learning_rate/{waiting}"]) == 0
    gates = {name: float(found["logs"][f"gates/{name}"]) for name in ("decoder", "discriminator")}
    assert gates == {"decoder": 1.0, "discriminator": 1.0} | {waiting: 0.0}


def test_the_transcriber_does_not_learn():
    model = tiny.model()
    before = [weight.numpy() for weight in model.content_encoders["band"].weights]
    model.train_step(CLIPS)
    for weight, old in zip(model.content_encoders["band"].weights, before, strict=True):
        np.testing.assert_array_equal(weight, old)


@pytest.mark.slow
def test_samples_have_the_content_of_content_songs_or_of_the_band(usual):
    other = dict(CLIPS, content=tf.roll(CLIPS["content"], 5, axis=1))
    for samples, alike in (("content", False), ("band", True)):
        logs = [tiny.model(loss={"samples": samples}).train_step(clips) for clips in (CLIPS, other)]
        found = [float(log["discriminator/generated"]) for log in logs]
        assert (found[0] == found[1]) == alike


def test_each_domain_s_level_is_measured_against_its_own():
    model = tiny.model()
    clips = {domain: np.asarray(CLIPS[domain]) for domain in ("content", "band")}
    model.set_levels(clips)
    for domain, encoder in model.content_encoders.items():
        assert encoder(clips[domain]).numpy()[:, :, -1].mean() == pytest.approx(0, abs=0.15)
    assert abs(model.content_encoders["band"](clips["content"]).numpy()[:, :, -1].mean()) > 0.3


def test_a_translation_has_the_latent_of_the_band():
    model = tiny.model(optimizer={"ema_momentum": 0.9})
    for _ in range(3):
        model.train_step(CLIPS)
    latent = model.translator.get_layer("latent").latent.numpy()
    assert np.abs(latent).max() > 0
    content = model.content_encoders["content"](CLIPS["content"])
    positions = np.tile(latent, (2, tiny.FRAMES // 8, 1))
    expected = model.decoder([content, tf.constant(positions)])
    np.testing.assert_allclose(model.preview(CLIPS)["translation"], expected, atol=1e-5)


def test_its_style_encoder_is_the_posterior_s_mean_and_adds_no_state():
    model = tiny.model()
    before = {id(variable) for variable in model.variables}
    found = model.style_encoder(CLIPS["content"])
    assert found.shape == (2, tiny.FRAMES // 8, 3)
    np.testing.assert_array_equal(found, model.encoder(CLIPS["content"])[0])
    assert {id(variable) for variable in model.variables} == before
