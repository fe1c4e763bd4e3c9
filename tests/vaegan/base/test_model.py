import itertools

import numpy as np
import pytest
import tensorflow as tf

from pipelines.nn.source_view import averaged, contrast, rises
from tests.contracts import randomize
from tests.vaegan.base import tiny
from vaegan.base.callbacks import error
from vaegan.base.model import Base
from vaegan.base.pairs import Pairs, batches
from vaegan.networks import noise_channels


def pairs():
    return Pairs(tiny.recordings(), tiny.FRAMES, tiny.STYLE_FRAMES)


def steps(model, count, first=0):
    data = batches(pairs(), 2, seed=3, first_step=first)
    # Tracing takes as long as some steps.
    step = tf.function(model.train_step, autograph=False) if count > 10 else model.train_step
    return [{name: float(x) for name, x in step(batch).items()} for batch in itertools.islice(data, count)]


@pytest.fixture(scope="module")
def trained():
    """A model after some steps, their losses, its errors before and after them, and its first weights."""
    model, drawn = tiny.model(optimizer={"learning_rate": 5e-3}), [pairs().draw(np.random.default_rng(0), 8)]
    before = {name: getattr(model, name).get_weights() for name in ("encoder", "discriminator")}
    errors = [error(model, drawn)]
    losses = steps(model, 40)
    return model, losses, [*errors, error(model, drawn)], before


@pytest.mark.slow
def test_it_learns_to_play_the_other_recording(trained):
    _, losses, errors, _ = trained
    assert errors[1] < 0.8 * errors[0]
    assert {"decoder/adversarial", "discriminator/penalty", "learning_rate/decoder"} <= set(losses[0])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["encoder", "discriminator"])
def test_encoder_and_discriminator_are_trained_too(trained, name):
    model, _, _, before = trained
    after = getattr(model, name).get_weights()
    assert any(np.abs(a - b).max() > 1e-4 for a, b in zip(after, before[name], strict=True))


def test_without_adversarial_loss_the_discriminator_stays():
    model = tiny.model(loss={"gan": 0.0, "features": 0.0})
    before = model.discriminator.get_weights()
    (losses,) = steps(model, 1)
    assert set(losses) == {
        "kl", "reconstruction/pixels", "learning_rate/decoder", "learning_rate/discriminator",
    }  # fmt: skip
    for ours, theirs in zip(model.discriminator.get_weights(), before, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.slow
def test_a_step_is_a_function_of_seed_and_step():
    alone = {"gan": 0.0, "features": 0.0}
    assert steps(tiny.model(loss=alone), 3) == steps(tiny.model(loss=alone), 3)


def test_the_style_changes_the_translation_and_the_statistics_scale_it():
    model = tiny.model()
    randomize(model.decoder)
    batch = next(iter(batches(pairs(), 2, seed=3)))
    noise = tf.zeros([2, tiny.FRAMES, noise_channels(model.config)])
    content = model._perturbed_content(batch, model.seeds(48))
    one, other = (model.decoder([content, latent * tf.ones([2, 5, 3]), noise]) for latent in (0.0, 1.0))
    assert np.abs(one - other).max() > 1e-2
    swapped = model.decoder(
        [content, tf.random.shuffle(tf.constant([[[0.0] * 3] * 9 + [[10.0] * 3]] * 2)), noise]
    )
    np.testing.assert_allclose(swapped, other, atol=1e-5)  # their mean alone counts


def test_the_error_is_that_of_unperturbed_content_in_log_mel_units():
    model = tiny.model()
    randomize(model.decoder)
    drawn = [pairs().draw(np.random.default_rng(0), 2)]
    clips = {name: np.asarray(x, np.float32) for name, x in drawn[0].items()}
    average, deviation = clips["statistics"][:, None, 0, :, None], clips["statistics"][:, None, 1, :, None]
    latent, _ = model.encoder((clips["style"] - average) / deviation)
    mel = tf.constant(clips["content"][..., 0])
    notes = 0.25 * clips["content/note_logits"]
    parts = [
        notes,
        clips["content/level"],
        contrast(averaged(mel, 3, 1)),
        rises(mel),
        np.ones((2, tiny.FRAMES, 3)),
    ]
    content = tf.concat([tf.cast(x, tf.float32) for x in parts], axis=-1)[..., None]
    noise = tf.random.stateless_normal([2, tiny.FRAMES, noise_channels(model.config)], next(model.seeds(1)))
    played = average + deviation * model.decoder([content, latent, noise])
    limit = model.config.decoder.bound
    real = average + deviation * limit * np.tanh((clips["band"] - average) / deviation / limit)
    assert error(model, drawn) == pytest.approx(np.abs(played - real).mean(), rel=1e-4)


def test_it_is_rebuilt_from_its_configuration():
    model = tiny.model()
    again = Base.from_config(model.get_config())
    assert again.config == model.config
    again.set_weights(model.get_weights())
    for ours, theirs in zip(again.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
