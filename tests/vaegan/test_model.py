"""Tests of the gradient routing of Larsen et al.'s algorithm 1, exact to the last bit."""

import functools

import numpy as np
import pytest
import tensorflow as tf

from pipelines.nn.position_noise import PositionNoise
from tests.contracts import batch_of
from tests.vaegan import tiny
from transcriber import content
from vaegan.networks import noise_channels

BEGUN = {"warm_up": 0.0, "ramp": 0.0}
NETWORKS = ("encoder", "decoder", "discriminator")
CLIPS = batch_of(tiny.SPEC, tiny.FRAMES, 0)


@functools.cache
def learnt(**loss):
    """Weights of each network after one step, in which all losses count; logs."""
    model = tiny.model(loss=BEGUN | loss, optimizer={"weight_decay": 0.0})
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
    assert same(learnt(gan=3.0), usual, "encoder")


@pytest.mark.slow
def test_the_discriminator_gets_nothing_from_reconstruction_or_divergence(usual):
    assert same(learnt(features=0.0, kl=7.0), usual, "discriminator")
    assert same(learnt(pixels=5.0, gan=0.2, contrast=0.0, rises=9.0), usual, "discriminator")


def test_the_decoder_gets_nothing_from_the_divergence(usual):
    assert same(learnt(kl=7.0), usual, "decoder")
    assert not same(learnt(kl=7.0), usual, "encoder")


@pytest.mark.slow
def test_the_encoder_gets_nothing_from_the_distances_of_samples_to_their_sources(usual):
    assert same(learnt(contrast=9.0, rises=9.0), usual, "encoder")
    assert not same(learnt(contrast=9.0, rises=0.0), usual, "decoder")
    assert not same(learnt(contrast=0.3, rises=9.0), usual, "decoder")


@pytest.mark.slow
def test_a_sample_is_held_to_no_more_than_it_is_shown():
    shown, hidden = (
        tiny.model(view={"drop_contrast": drop, "partial": 1e-6}).train_step(CLIPS)["samples/contrast"]
        for drop in (0.0, 1e9)
    )
    assert float(shown) > 0.1
    assert float(hidden) == 0


@pytest.mark.slow
def test_the_decoder_has_no_adversarial_loss_before_the_warm_up_is_over():
    early = {"warm_up": 0.5}
    assert same(learnt(**early), learnt(**early, gan=9.0, features=9.0), "decoder")
    assert not same(learnt(), learnt(gan=9.0), "decoder")
    assert not same(learnt(), learnt(features=9.0), "decoder")


@pytest.mark.slow
def test_adversarial_loss_and_features_rise_in_the_ramp():
    def after(step, **loss):
        model = tiny.model(loss=BEGUN | loss, optimizer={"weight_decay": 0.0})
        model.compile(total_steps=8)
        model.step.assign(step)
        model.train_step(CLIPS)
        return {"decoder": [weight.numpy() for weight in model.decoder.trainable_variables]}

    full, half = {"gan": 0.2, "features": 0.04}, {"gan": 0.1, "features": 0.02}
    assert same(after(4, **full, ramp=1.0), after(4, **half, ramp=0.0), "decoder")
    assert same(after(4, **full, ramp=0.5), after(4, **full, ramp=0.0), "decoder")
    assert not same(after(4, **full, ramp=1.0), after(4, **full, ramp=0.0), "decoder")


@pytest.mark.slow
def test_the_penalty_is_the_discriminator_s(usual):
    harder = learnt(penalty=90.0)
    assert same(harder, usual, "encoder")
    assert same(harder, usual, "decoder")
    assert not same(harder, usual, "discriminator")


@pytest.mark.slow
def test_the_penalty_is_computed_in_every_sixteenth_step():
    model = tiny.model(loss={"penalty_every": 2})
    found = [float(model.train_step(CLIPS)["discriminator/penalty"]) for _ in range(3)]
    assert found[1] == 0
    assert min(found[0], found[2]) > 0


@pytest.mark.parametrize(("equilibrium", "waiting"), [(9.0, "discriminator"), (0.01, "decoder")])
def test_a_closed_gate_keeps_the_weights(untrained, monkeypatch, equilibrium, waiting):
    monkeypatch.setattr("vaegan.model.EQUILIBRIUM", equilibrium)
    found = learnt.__wrapped__(adversarial="minimax", margin=1e-3)
    assert [name for name in NETWORKS if same(found, untrained, name)] == [waiting]
    assert float(found["logs"][f"learning_rate/{waiting}"]) == 0
    gates = {name: float(found["logs"][f"gates/{name}"]) for name in ("decoder", "discriminator")}
    assert gates == {"decoder": 1.0, "discriminator": 1.0} | {waiting: 0.0}


def test_without_a_margin_there_are_no_gates(usual):
    assert not [name for name in usual["logs"] if name.startswith("gates/")]


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


@pytest.mark.slow
def test_a_translation_has_the_latent_of_the_band():
    model = tiny.model(optimizer={"ema_momentum": 0.9})
    for _ in range(3):
        model.train_step(CLIPS)
    latent = model.translator.get_layer("latent").latent.numpy()
    assert np.abs(latent).max() > 0
    view_encoder = content.build_view_encoder(model.content_encoders["content"], tiny.SPEC)
    contents = view_encoder([CLIPS["content"], tf.fill([2], 0.5)])
    positions = np.tile(latent, (2, tiny.FRAMES // 8, 1))
    noise = PositionNoise(noise_channels(model.config))((CLIPS["content"], tf.zeros([2], tf.int32)))
    expected = model.decoder([contents, tf.constant(positions), noise])
    np.testing.assert_allclose(model.preview(CLIPS)["translation"], expected, atol=1e-5)


def test_its_style_encoder_is_the_posterior_s_mean_and_adds_no_state():
    model = tiny.model()
    before = {id(variable) for variable in model.variables}
    found = model.style_encoder(CLIPS["content"])
    assert found.shape == (2, tiny.FRAMES // 8, 3)
    np.testing.assert_array_equal(found, model.encoder(CLIPS["content"])[0])
    assert {id(variable) for variable in model.variables} == before


def test_levels_are_relative_to_each_domain():
    model = tiny.model(**tiny.DYNAMICS)
    clips = {domain: clip.numpy() for domain, clip in CLIPS.items()}
    model.adapt(clips)
    for domain, layer in model.group_levels.items():
        expected = clips[domain].reshape(2, tiny.FRAMES, 16, 2).mean(axis=(0, 1, 3))
        np.testing.assert_allclose(layer.means, expected, atol=1e-5)
    assert set(model.group_levels) == {"content", "band"}


def test_the_distance_of_dynamics_is_the_decoder_s_alone():
    """With every other weight 0 it is what the decoder learns from, and the encoder gets nothing of it."""
    off = dict.fromkeys(("pixels", "features", "kl", "gan", "contrast", "rises"), 0.0)
    only = learnt_with_dynamics(**off)
    assert "samples/levels" in only["logs"]
    none = learnt_with_dynamics(**off, levels=0.0)
    assert "samples/levels" not in none["logs"]
    assert not same(only, none, "decoder")
    assert same(only, none, "encoder")
    assert same(only, none, "discriminator")


def learnt_with_dynamics(**loss):
    """Weights of each network of a model with dynamics after one step; logs."""
    groups = {**tiny.DYNAMICS, "loss": tiny.DYNAMICS["loss"] | BEGUN | loss}
    model = tiny.model(**groups, optimizer={"weight_decay": 0.0})
    logs = model.train_step(CLIPS)
    weights = {name: [w.numpy() for w in getattr(model, name).trainable_variables] for name in NETWORKS}
    return weights | {"logs": logs}
