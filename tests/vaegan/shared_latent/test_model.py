"""Tests of the shared-latent model's training step: which loss trains which network, and what it computes."""

import functools

import numpy as np
import pytest
import tensorflow as tf

from pipelines.data.schema import DOMAINS
from pipelines.nn.discriminators import features_of, logits_of
from tests.contracts import batch_of, without_graphs
from tests.vaegan.shared_latent import tiny

CLIPS = batch_of(tiny.SPEC, tiny.FRAMES, 0)
NOTHING = {"pixels": 0.0, "features": 0.0, "kl": 0.0, "gan": 0.0, "cycle": 0.0}
BEGUN = {"warm_up": 0.0}


def weights(model):
    networks = {"encoder": model.encoder} | {
        f"{domain} {name}": network[domain]
        for name, network in (("decoder", model.decoders), ("discriminator", model.discriminators))
        for domain in DOMAINS
    }
    return {name: [w.numpy() for w in network.trainable_variables] for name, network in networks.items()}


@functools.cache
def learnt(**loss):
    """Weights after one step of a model without weight decay, and what the step returned."""
    model = tiny.model(loss=BEGUN | loss, optimizer={"weight_decay": 0.0})
    with without_graphs():
        logs = model.train_step(CLIPS)
    return weights(model), {name: float(value) for name, value in logs.items()}


@pytest.fixture(scope="module", autouse=True)
def _forgotten():
    """Results are not kept beyond this file."""
    yield
    learnt.cache_clear()


@pytest.fixture(scope="module")
def untrained():
    return weights(tiny.model())


def changed(one, other):
    return {
        name
        for name in one
        if not all(np.array_equal(a, b) for a, b in zip(one[name], other[name], strict=True))
    }


TRANSLATING = {"encoder", "content decoder", "band decoder"}
DISCRIMINATORS = {"content discriminator", "band discriminator"}


@pytest.mark.parametrize("loss", ["features", "gan"])
def test_each_loss_in_the_discriminators_trains_encoder_and_decoders(untrained, loss):
    assert changed(learnt(**NOTHING | {loss: 1.0})[0], untrained) == TRANSLATING | DISCRIMINATORS


@pytest.mark.slow
def test_the_cycle_trains_encoder_and_decoders(untrained):
    assert changed(learnt(**NOTHING | {"cycle": 1.0})[0], untrained) == TRANSLATING


def test_the_divergence_trains_the_encoder_alone(untrained):
    assert changed(learnt(**NOTHING | {"kl": 1.0})[0], untrained) == {"encoder"}


@pytest.mark.slow
def test_the_discriminators_objective_is_theirs_and_the_others_are_not():
    assert changed(learnt()[0], learnt(penalty=90.0)[0]) == DISCRIMINATORS
    assert changed(learnt()[0], learnt(pixels=5.0, features=2.0, kl=7.0, gan=3.0)[0]) == TRANSLATING


@pytest.mark.slow
def test_before_the_warm_up_is_over_the_discriminators_learn_alone():
    early, vae = learnt(warm_up=0.5), learnt(features=0.0, gan=0.0)
    assert changed(early[0], vae[0]) == DISCRIMINATORS


def test_a_plain_vae_computes_no_discriminator(monkeypatch):
    model = tiny.model(loss={"features": 0.0, "gan": 0.0})
    monkeypatch.setattr(model, "discriminators", {})
    names = {name.partition("/")[0] for name in model.train_step(CLIPS)}
    assert names == {"kl", "pixels", "cycle", "cycle_kl", "learning_rate"}


def test_without_a_cycle_none_is_computed():
    names = {name.partition("/")[0] for name in learnt(**NOTHING | {"kl": 1.0})[1]}
    assert names == {"kl", "pixels", "learning_rate"}


def test_the_losses_are_those_of_clips_through_the_networks():
    """Against NumPy, by the untrained networks; posteriors without variance, so that nothing is drawn."""
    model = tiny.model(loss=BEGUN)
    last = model.encoder.get_layer("log_variance")
    last.kernel.assign(tf.zeros_like(last.kernel))
    last.bias.assign(tf.fill(last.bias.shape, -60.0))
    latents = {domain: model.content_codes(CLIPS[domain], domain) for domain in DOMAINS}
    expected = {}
    for domain, other in (("content", "band"), ("band", "content")):
        real = 4 * np.tanh(CLIPS[domain].numpy() / 4)
        again, translation = (model.decoders[domain](latents[each]) for each in (domain, other))
        there = model.decoders[other](latents[domain])
        back = model.content_codes(there, other)
        for name, mean in ((f"kl/{domain}", latents[domain]), (f"cycle_kl/{other}", back)):
            expected[name] = 0.5 * np.mean(np.square(mean) + np.exp(-60) - 1 + 60)
        expected[f"pixels/{domain}"] = np.abs(again - real).mean()
        expected[f"cycle/{domain}"] = np.abs(model.decoders[domain](back) - real).mean()
        outputs = [model.discriminators[domain](clips) for clips in (real, again, translation)]
        true, *fakes = (np.array([np.mean(x) for x in logits_of(each)]) for each in outputs)
        # No logit of these networks is beyond a margin.
        expected[f"discriminator/{domain}"] = np.mean(1 - true) + np.mean(1 + np.mean(fakes, axis=0))
        expected[f"adversarial/{domain}"] = -np.mean(fakes)
        pairs = zip(features_of(outputs[1]), features_of(outputs[0]), strict=True)
        terms = [
            0.5 * np.mean(np.square(x - y)) / (np.var(y, axis=(0, 1, 2)).mean() + 1e-6) for x, y in pairs
        ]
        expected[f"features/{domain}"] = np.mean(terms)
    with without_graphs():
        found = model.train_step(CLIPS)
    assert {name: float(found[name]) for name in expected} == pytest.approx(expected, rel=1e-4)


def test_domains_share_all_of_the_encoder_but_their_statistics():
    model = tiny.model()
    mean, deviation = np.linspace(-0.6, -0.2, tiny.SPEC.n_mels), np.linspace(0.1, 0.3, tiny.SPEC.n_mels)
    model.encoders["band"].get_layer("statistics").set_statistics(mean, deviation)
    deviations = CLIPS["content"]
    log_mel = deviations * deviation[:, None] + mean[:, None]
    np.testing.assert_allclose(
        model.content_codes(log_mel, "band"), model.content_codes(deviations, "content"), atol=1e-4
    )
