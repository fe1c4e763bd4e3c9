"""Tests of CycleGAN's training: gradients, losses, schedules, statistics and seeds."""

import numpy as np
import pytest
import tensorflow as tf
from pipelines.nn.apply_gradients import descend
from pipelines.nn.seeds import of_step

from cyclegan.model import CycleGAN
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
    return of_step(model.seed, model.step, 12)


def largest(gradients):
    return max((float(tf.reduce_max(tf.abs(g))) for g in gradients if g is not None), default=0.0)


def cycle_gradients(model, cycle_gradient, feature_cycle=0.0):
    """The largest gradient that the content's cycle sends into each generator (there, back)."""
    config = tiny.config(loss={"cycle_gradient": cycle_gradient, "feature_cycle": feature_cycle})
    original, model.config = model.config, config
    try:
        with tf.GradientTape(persistent=True) as tape:
            seeds = drawn(model)
            fakes, _ = model._translate(BATCH, seeds)
            losses = model._cycle(BATCH, fakes, seeds)
    finally:
        model.config = original
    networks = [model.generators[target].trainable_variables for target in ("band", "content")]
    loss = losses["feature_cycle/content" if feature_cycle else "cycle/content"]
    return [largest(tape.gradient(loss, variables)) for variables in networks], losses


def test_by_default_the_cycle_trains_the_way_back_alone(model):
    (there, back), _ = cycle_gradients(model, cycle_gradient=False)
    assert there == 0.0
    assert back > 0.0


def test_as_in_the_paper_it_trains_both(model):
    (there, back), _ = cycle_gradients(model, cycle_gradient=True)
    assert there > 0.0
    assert back > 0.0


def test_the_cycle_in_features_trains_the_way_back_and_is_logged_only_when_on(model):
    (there, back), losses = cycle_gradients(model, cycle_gradient=False, feature_cycle=1.0)
    assert there == 0.0
    assert back > 0.0
    assert {"feature_cycle/band", "feature_cycle/content"} <= set(losses) <= set(model.curves)
    assert "feature_cycle/band" not in cycle_gradients(model, cycle_gradient=False)[1]


def test_patch_nce_trains_generators_and_heads_from_the_value_of_chance_on():
    model = tiny.model(loss={"patch_nce": 1.0})
    heads = {id(v) for v in model._generator_variables} - {
        id(v) for network in model.generators.values() for v in network.trainable_variables
    }
    assert len(heads) == 2 * 2 * 4  # directions, feature maps, kernels and biases of two layers
    seeds = drawn(model)
    with tf.GradientTape() as tape:
        fakes, _ = model._translate(BATCH, seeds)
        losses = model._patches(BATCH, fakes, seeds)
        total = tf.add_n(list(losses.values()))
    assert set(losses) == {"patch_nce/band", "patch_nce/content"}
    assert set(losses) <= set(model.curves)
    gradients = tape.gradient(total, model._generator_variables)
    assert all(
        g is not None for g, v in zip(gradients, model._generator_variables, strict=True) if id(v) in heads
    )


def test_the_content_loss_trains_generators_by_an_unchanged_transcriber_that_is_in_no_checkpoint():
    heard = transcriber(tiny.SPEC)
    before = [weight.numpy() for weight in heard.network.weights]
    plain = tiny.model()
    model = CycleGAN(
        tiny.config(loss={"content": 1.0, "adversarial": 0, "cycle": 0, "identity": 0, "identity_final": 0}),
        heard,
    )
    assert len(model.variables) == len(plain.variables)
    kernel = model.generators["band"].get_layer("new").kernel
    start = kernel.numpy()
    first = model.train_step(BATCH)
    assert 0 < float(first["content/band"]) < 1
    assert not np.array_equal(kernel, start)
    for weight, old in zip(heard.network.weights, before, strict=True):
        np.testing.assert_array_equal(weight, old)
    assert "content/band" not in plain.train_step(BATCH)


def test_the_trunk_s_norm_can_be_chosen_and_none_has_fewer_weights():
    layer, rms, none = (
        sum(v.shape.num_elements() for v in tiny.model(generator={"norm": norm}).generators["band"].weights)
        for norm in ("layer", "rms", "none")
    )
    assert layer > rms > none


def test_the_judges_objective_does_not_reach_the_generators(model):
    seeds = drawn(model)
    with tf.GradientTape(persistent=True) as tape:
        fakes, losses = model._translate(BATCH, seeds)
        judged = tf.add_n(list(model._judge_clips(BATCH, fakes, seeds).values()))
    assert largest(tape.gradient(judged, model._generator_variables)) == 0.0
    assert largest(tape.gradient(judged, model._judge_variables)) > 0.0
    assert largest(tape.gradient(losses["adversarial/band"], model._generator_variables)) > 0.0


def test_the_generators_step_leaves_the_judges_alone():
    model = tiny.model()
    judges = [v.numpy() for v in model._judge_variables]
    generators = [v.numpy() for v in model._generator_variables]
    with tf.GradientTape() as tape:
        _, losses = model._translate(BATCH, drawn(model))
        objective = tf.add_n(list(losses.values()))
    variables = model._generator_variables
    descend(tape.gradient(objective, variables), model.generator_optimizer, variables)
    assert all(np.array_equal(old, v) for old, v in zip(judges, model._judge_variables, strict=True))
    moved = [
        not np.array_equal(old, v) for old, v in zip(generators, model._generator_variables, strict=True)
    ]
    assert any(moved)


def test_hinge_trains_too():
    model = tiny.model(discriminator={"loss": "hinge"})
    with tf.GradientTape(persistent=True) as tape:
        fakes, losses = model._translate(BATCH, drawn(model))
        judged = model._judge_clips(BATCH, fakes, drawn(model))["discriminator/band"]
    # The judges' logits are near zero at first, where both margins are missed by one.
    assert float(judged) == pytest.approx(2.0, abs=0.5)
    assert abs(float(losses["adversarial/band"])) < 0.5
    assert largest(tape.gradient(judged, model._judge_variables)) > 0.0
    assert largest(tape.gradient(losses["adversarial/band"], model._generator_variables)) > 0.0


@pytest.mark.parametrize("progress", [0.0, 0.5, 0.625, 0.75, 1.0])
def test_rates_and_the_identity_s_weight_follow_progress(model, progress):
    original, model.config = (
        model.config,
        tiny.config(
            loss={"identity": 8.0, "identity_final": 2.0, "identity_begin": 0.5, "identity_end": 0.75},
            optimizer={"generator_rate": 1e-3, "discriminator_rate": 1e-4, "hold": 0.5},
        ),
    )
    try:
        model.progress.assign(progress)
        schedule = model._follow_schedules()
    finally:
        model.config = original
        model.progress.assign(0.0)
    share = np.interp(progress, [0.5, 1.0], [1.0, 0.0])
    assert float(schedule["rate/generator"]) == pytest.approx(1e-3 * share, abs=1e-9)
    assert float(model.generator_optimizer.learning_rate) == pytest.approx(1e-3 * share, abs=1e-9)
    assert float(model.discriminator_optimizer.learning_rate) == pytest.approx(1e-4 * share, abs=1e-9)
    weight = np.interp(progress, [0.5, 0.75], [8.0, 2.0])
    assert float(schedule["rate/identity_weight"]) == pytest.approx(weight)


def test_the_objective_is_the_weighted_sum(model):
    losses = {"adversarial/band": 1.0, "cycle/band": 2.0, "identity/content": 4.0}
    loss = model.config.loss
    expected = loss.adversarial + 2 * loss.cycle + 4 * 3.0
    tensors = {name: tf.constant(value) for name, value in losses.items()}
    total = model._weighted(tensors, {"rate/identity_weight": tf.constant(3.0)})
    assert float(total) == pytest.approx(expected)


def test_untrained_it_matches_the_band_s_mean_and_most_of_its_deviation():
    generator, model = np.random.default_rng(3), tiny.model()
    mels = tiny.SPEC.n_mels
    means = {domain: generator.uniform(-0.4, 0.2, mels) for domain in WAYS}
    deviations = {domain: generator.uniform(0.05, 0.1, mels) for domain in WAYS}
    model.set_statistics({domain: (means[domain], deviations[domain]) for domain in WAYS})
    units = np.clip(generator.normal(size=(1, 4000, mels)), -3, 3)
    source = (units * deviations["content"] + means["content"])[..., None].astype(np.float32)
    translated = model.translator(source).numpy()[0, ..., 0]
    gate = translated.std(axis=0) / deviations["band"]
    np.testing.assert_allclose(translated.mean(axis=0), means["band"], atol=0.01)
    assert np.ptp(gate) < 0.1
    assert 0.5 < gate.mean() <= 1.0
    back = model.averages["content"](translated[None, ..., None]).numpy()[0, ..., 0]
    np.testing.assert_allclose(back.mean(axis=0), means["content"], atol=0.01)


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
