import numpy as np
import pytest
import tensorflow as tf

from pipelines import configuration
from tests.transcriber import scenes
from transcriber.augment import LABELS
from transcriber.config import PRESETS
from transcriber.losses import cross_entropy

UNTOUCHED = {"gain": 0.0, "equalizer": 0.0, "noise": 0.0, "mix": 0.0}


def batch():
    """The beginnings of two examples."""
    examples = [scenes.example(name) for name in ("low", "high")]
    mels = np.stack([each.log_mel[: scenes.FRAMES] for each in examples]).astype(np.float32)
    rolls = [
        np.stack(part)[:, : scenes.FRAMES]
        for part in ([each.roll[i][: scenes.FRAMES] for each in examples] for i in range(3))
    ]
    labels = {name: tf.constant(roll) for name, roll in zip(LABELS, rolls, strict=True)}
    return {"log_mel": tf.constant(mels[..., None]), **labels}


@pytest.fixture(scope="module")
def model():
    """Never trained."""
    return scenes.model()


@pytest.mark.slow
def test_thirty_steps_on_one_batch_lower_every_loss():
    model = scenes.model(augment=UNTOUCHED)
    step = tf.function(model.train_step, autograph=False)
    logs = [{name: float(value) for name, value in step(batch()).items()} for _ in range(30)]
    for name in ("sounding", "onset", "drums"):
        assert logs[-1][name] < 0.9 * logs[0][name]
    assert set(logs[0]) <= set(model.metric_descriptions)
    assert int(model.step) == 30
    live = np.concatenate([w.ravel() for w in model.network.get_weights()])
    with model.averaged():
        average = np.concatenate([w.ravel() for w in model.network.get_weights()])
    start = np.concatenate([w.ravel() for w in scenes.model().network.get_weights()])
    assert 0 < np.abs(average - live).mean() < np.abs(start - live).mean()


def test_what_it_logs_is_the_cross_entropy_of_each_part():
    model = scenes.model(augment=UNTOUCHED, loss={"onset_rarity": 3.0})
    logits, data = model.network(batch()["log_mel"]), batch()
    logged = model.train_step(data)
    for name in LABELS:
        rarity = 3.0 if name == "onset" else 1.0
        expected = float(cross_entropy(data[name], logits[name], rarity))
        assert float(logged[name]) == pytest.approx(expected, rel=1e-4)


def test_every_part_s_gradient_reaches_its_weights_and_together_all(model):
    with tf.GradientTape(persistent=True) as tape:
        logits, labels = model.network(batch()["log_mel"], training=True), batch()
        losses = {name: cross_entropy(labels[name], logits[name]) for name in LABELS}
    variables = model.network.trainable_variables
    reached = set()
    for name, loss in losses.items():
        gradients = zip(tape.gradient(loss, variables), variables, strict=True)
        ours = {v.path for g, v in gradients if g is not None and np.abs(g).max() > 0}
        assert any(name.removesuffix("s") in path for path in ours)
        assert any("stem" in path for path in ours)
        reached |= ours
    assert reached == {v.path for v in variables}
    assert len(reached) > 20


@pytest.mark.parametrize("progress", [0.0, 0.3, 0.65, 1.0])
def test_the_rate_is_constant_and_then_falls_to_zero(model, progress):
    config = model.config.optimizer
    model.compile(total_steps=100)
    model.optimizers["transcriber"].iterations.assign(round(100 * progress))
    found = float(model.optimizers["transcriber"].learning_rate)
    expected = config.learning_rate * np.interp(progress, [config.hold, 1.0], [1.0, 0.0])
    assert found == pytest.approx(expected, abs=1e-8)


def test_statistics_are_set_and_do_not_train():
    model = scenes.model()
    mean, deviation = np.linspace(-0.9, -0.3, 32), np.linspace(0.1, 0.3, 32)
    model.set_statistics(mean, deviation)
    model.train_step(batch())
    layer = model.network.get_layer("statistics")
    np.testing.assert_allclose(layer.mean[:, 0], mean, atol=1e-6)
    np.testing.assert_allclose(layer.deviation[:, 0], deviation, atol=1e-6)


def test_draws_follow_the_seed_and_the_step():
    model, same = scenes.model(), scenes.model()
    draws = [np.stack(list(each.seeds(4))) for each in (model, same)]
    np.testing.assert_array_equal(*draws)
    assert len(np.unique(draws[0], axis=0)) == len(draws[0])
    model.step.assign_add(1)
    assert not np.array_equal(np.stack(list(model.seeds(4))), draws[0])


@pytest.mark.parametrize("name", PRESETS)
def test_overrides_reach_every_group_and_come_back_from_json(name):
    changes = ["network.harmonics=1,2", "loss.drums=0.5", "augment.mix=0", "data.frames=64", "spec.n_mels=64"]
    config = configuration.apply(PRESETS[name].config(), changes)
    assert (config.network.harmonics, config.loss.drums, config.spec.n_mels) == ((1.0, 2.0), 0.5, 64)
    assert configuration.from_dict(type(config), configuration.to_dict(config)) == config


def twins():
    """The beginning of one example, twice: the second time darker."""
    one = {name: x[:1] for name, x in batch().items()}
    other = one | {"log_mel": one["log_mel"] - 0.3 * tf.linspace(0.0, 1.0, scenes.SPEC.n_mels)[:, None]}
    return {name: tf.concat([one[name], other[name]], axis=0) for name in one}


def together(**loss):
    return scenes.model(augment=UNTOUCHED, loss={"consistency": 1.0, "consistency_warm_up": 1} | loss)


def test_the_teacher_is_the_average_of_the_network():
    model = together()
    start = [w.copy() for w in model.teacher.get_weights()]
    for ours, theirs in zip(start, model.network.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    model.train_step(twins())
    momentum = model.config.optimizer.ema_momentum
    for before, average, weight in zip(
        start, model.teacher.get_weights(), model.network.get_weights(), strict=True
    ):
        np.testing.assert_allclose(average, momentum * before + (1 - momentum) * weight, atol=1e-6)


@pytest.mark.slow
def test_consistency_counts_from_the_first_step_on_and_is_logged():
    """In the first step its weight is still 0."""
    model, other = together(), scenes.model(augment=UNTOUCHED)
    logged = model.train_step(twins())
    other.train_step(twins())
    assert float(logged["consistency"]) > 0
    for ours, theirs in zip(model.network.get_weights(), other.network.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    model.train_step(twins())
    other.train_step(twins())
    pairs = zip(model.network.get_weights(), other.network.get_weights(), strict=True)
    assert not all(np.array_equal(*pair) for pair in pairs)


def test_it_starts_from_a_transcriber():
    trained, model = scenes.model(), together()
    trained.set_statistics(np.full(32, -0.5), np.full(32, 0.2))
    trained.train_step(batch())
    model.start_from(trained.network)
    for network in (model.network, model.teacher):
        for ours, theirs in zip(network.get_weights(), trained.network.get_weights(), strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_a_batch_of_twins_is_even():
    with pytest.raises(ValueError, match="must be even"):
        scenes.config(loss={"consistency": 1.0}, data={"batch_size": 3})
