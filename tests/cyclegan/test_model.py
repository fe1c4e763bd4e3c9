"""Tests of CycleGAN's training: gradients, losses, schedules, statistics and seeds."""

import numpy as np
import pytest
import tensorflow as tf

from cyclegan.model import CycleGAN
from pipelines.nn.discriminators import logits_of
from tests.contracts import batch_of
from tests.cyclegan import tiny
from tests.transcriber.content_decoder.tiny import transcriber

BATCH = batch_of(tiny.SPEC, tiny.FRAMES, 0)
WAYS = {"content": 0, "band": 1}


@pytest.fixture(scope="module")
def model():
    """Never trained; its generators' zeros are moved a little, so that every layer counts."""
    fresh = tiny.model()
    generator = np.random.default_rng(0)
    for network in fresh.generators.values():
        for weight in network.trainable_variables:
            weight.assign(weight + 0.05 * generator.normal(size=weight.shape))
    return fresh


def drawn(model):
    """The seeds of the model's next step."""
    return model.seeds(12)


def largest(gradients):
    return max((float(tf.reduce_max(tf.abs(g))) for g in gradients if g is not None), default=0.0)


def cycle_gradients(model, cycle_gradient):
    """The largest gradient that the content's cycle sends into each generator (there, back)."""
    config = tiny.config(loss={"cycle_gradient": cycle_gradient})
    original, model.config = model.config, config
    try:
        with tf.GradientTape(persistent=True) as tape:
            seeds = drawn(model)
            fakes, _ = model._translate(BATCH, seeds)
            losses = model._cycle(BATCH, fakes, seeds)["cycle"]
    finally:
        model.config = original
    networks = [model.generators[target].trainable_variables for target in ("band", "content")]
    return [largest(tape.gradient(losses["content"], variables)) for variables in networks]


def test_by_default_the_cycle_trains_the_way_back_alone(model):
    there, back = cycle_gradients(model, cycle_gradient=False)
    assert there == 0.0
    assert back > 0.0


def test_as_in_the_paper_it_trains_both(model):
    there, back = cycle_gradients(model, cycle_gradient=True)
    assert there > 0.0
    assert back > 0.0


def test_the_content_loss_needs_a_transcriber():
    with pytest.raises(ValueError, match=r"loss.content needs a transcriber"):
        CycleGAN(tiny.config(loss={"content": 1.0}))


@pytest.mark.slow
def test_the_content_loss_trains_generators_by_an_unchanged_transcriber_that_is_in_no_checkpoint():
    frozen = transcriber(tiny.SPEC)
    before = [weight.numpy() for weight in frozen.network.weights]
    plain = tiny.model()
    model = CycleGAN(tiny.config(loss={"content": 1.0, "adversarial": 0, "cycle": 0, "identity": 0}), frozen)
    model.compile()
    assert len(model.variables) == len(plain.variables)
    kernel = model.generators["band"].get_layer("new").kernel
    start = kernel.numpy()
    first = model.train_step(BATCH)
    assert 0 < float(first["content/band"]) < 1
    assert not np.array_equal(kernel, start)
    for weight, old in zip(frozen.network.weights, before, strict=True):
        np.testing.assert_array_equal(weight, old)
    assert "content/band" not in plain.train_step(BATCH)


@pytest.mark.slow
def test_the_trunk_s_norm_can_be_chosen_and_none_has_fewer_weights():
    layer, rms, none = (
        sum(v.shape.num_elements() for v in tiny.model(generator={"norm": norm}).generators["band"].weights)
        for norm in ("layer", "rms", "none")
    )
    assert layer > rms > none


def test_the_discriminators_objective_does_not_reach_the_generators(model):
    seeds = drawn(model)
    with tf.GradientTape(persistent=True) as tape:
        fakes, losses = model._translate(BATCH, seeds)
        loss = tf.add_n(list(model._discriminate(BATCH, fakes, seeds).values()))
    assert largest(tape.gradient(loss, model.trained_variables["generator"])) == 0.0
    assert largest(tape.gradient(loss, model.trained_variables["discriminator"])) > 0.0
    assert largest(tape.gradient(losses["adversarial"]["band"], model.trained_variables["generator"])) > 0.0


def test_the_generators_step_leaves_the_discriminators_alone():
    model = tiny.model()
    discriminators = [v.numpy() for v in model.trained_variables["discriminator"]]
    generators = [v.numpy() for v in model.trained_variables["generator"]]
    with tf.GradientTape() as tape:
        _, losses = model._translate(BATCH, drawn(model))
        objective = tf.add_n([loss for each in losses.values() for loss in each.values()])
    model.update("generator", objective, tape)
    assert all(
        np.array_equal(old, v)
        for old, v in zip(discriminators, model.trained_variables["discriminator"], strict=True)
    )
    moved = [
        not np.array_equal(old, v)
        for old, v in zip(generators, model.trained_variables["generator"], strict=True)
    ]
    assert any(moved)


def test_hinge_trains_too():
    model = tiny.model(discriminator={"loss": "hinge"})
    with tf.GradientTape(persistent=True) as tape:
        fakes, losses = model._translate(BATCH, drawn(model))
        loss = model._discriminate(BATCH, fakes, drawn(model))["band"]
    # The discriminators' logits are near zero at first, where both margins are missed by one.
    assert float(loss) == pytest.approx(2.0, abs=0.5)
    assert abs(float(losses["adversarial"]["band"])) < 0.5
    assert largest(tape.gradient(loss, model.trained_variables["discriminator"])) > 0.0
    assert largest(tape.gradient(losses["adversarial"]["band"], model.trained_variables["generator"])) > 0.0


@pytest.mark.parametrize("step", [0, 5, 8, 10])
def test_learning_rates_follow_the_step(step):
    rates = {"learning_rate": 1e-3, "discriminator_learning_rate": 1e-4, "hold": 0.5}
    model = tiny.model(optimizer=rates)
    model.compile(total_steps=10)
    for optimizer in model.optimizers.values():
        optimizer.iterations.assign(step)
    share = np.interp(step / 10, [0.5, 1.0], [1.0, 0.0])
    found = {name: float(optimizer.learning_rate) for name, optimizer in model.optimizers.items()}
    assert found == pytest.approx({"generator": 1e-3 * share, "discriminator": 1e-4 * share}, abs=1e-9)


def test_untrained_it_matches_the_band_s_mean_and_most_of_its_deviation():
    generator, model = np.random.default_rng(3), tiny.model()
    mels = tiny.SPEC.n_mels
    means = {domain: generator.uniform(-0.4, 0.2, mels) for domain in WAYS}
    deviations = {domain: generator.uniform(0.05, 0.1, mels) for domain in WAYS}
    for way in model.directions:
        layers = (("source_statistics", way.source), ("target_statistics", way.target))
        for name, domain in layers:
            way.generator.get_layer(name).set_statistics(means[domain], deviations[domain])
    units = np.clip(generator.normal(size=(1, 4000, mels)), -3, 3)
    source = (units * deviations["content"] + means["content"])[..., None].astype(np.float32)
    translated = model.translator(source).numpy()[0, ..., 0]
    gate = translated.std(axis=0) / deviations["band"]
    np.testing.assert_allclose(translated.mean(axis=0), means["band"], atol=0.01)
    assert np.ptp(gate) < 0.1
    assert 0.5 < gate.mean() <= 1.0
    back = model.generators["content"](translated[None, ..., None]).numpy()[0, ..., 0]
    np.testing.assert_allclose(back.mean(axis=0), means["content"], atol=0.01)


def test_a_discriminator_sees_log_mels_or_deviations_from_their_mean():
    random, clips = np.random.default_rng(4), BATCH["band"]
    mean, deviation = random.uniform(-0.4, 0.2, tiny.SPEC.n_mels), random.uniform(0.05, 0.1, tiny.SPEC.n_mels)
    found = []
    for units, seen in (("log_mel", clips), ("deviations", clips * deviation[:, None] + mean[:, None])):
        model = tiny.model(discriminator={"units": units})
        way = model.directions[0]
        way.generator.get_layer("target_statistics").set_statistics(mean, deviation)
        found.append(logits_of(model._judged(way, seen)))
    for one, other in zip(*found, strict=True):
        assert np.std(one) > 0
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_equal_seeds_give_equal_weights_and_draws_and_others_do_not():
    one, same, other = (tiny.model(seed) for seed in (5, 5, 6))
    for ours, theirs in zip(one.get_weights(), same.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    pairs = zip(one.get_weights(), other.get_weights(), strict=True)
    assert any(not np.array_equal(ours, theirs) for ours, theirs in pairs)
    draws = [np.stack(list(drawn(each))) for each in (one, same, other)]
    np.testing.assert_array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], draws[2])
    assert len(np.unique(draws[0], axis=0)) == len(draws[0])
    one.step.assign_add(1)
    assert not np.array_equal(np.stack(list(drawn(one))), draws[0])


@pytest.mark.slow
def test_losses_without_a_weight_are_not_computed_and_those_with_one_are_learnt_from():
    batch = batch_of(tiny.SPEC, tiny.FRAMES, 0)

    def step(**loss):
        model = tiny.model(loss=loss)
        logs = model.train_step(batch)
        return set(logs), [
            w.numpy() for network in model.generators.values() for w in network.trainable_variables
        ]

    plain, before = step()
    names, after = step(contrast=3.0, rises=1.0, penalty=2.0)
    assert names - plain == {
        f"{loss}/{domain}" for loss in ("contrast", "rises", "penalty") for domain in ("band", "content")
    }
    assert not all(np.array_equal(*pair) for pair in zip(before, after, strict=True))
