import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.contracts import batch_of
from tests.transcriber.flow_decoder import tiny
from transcriber.flow_decoder.networks import build_translator

CLIPS = batch_of(tiny.SPEC, tiny.FRAMES, 0)


class _Straight(keras.layers.Layer):
    """Velocity that leads any state to a fixed log-mel at time 1."""

    def call(self, inputs):
        _, state, time = inputs
        return (0.5 - state) / (1.0 - time[:, None, None, None])


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_euler_s_method_follows_a_straight_path_to_its_end(steps):
    """In as few steps as there are: the last one begins at 1 - 1 / steps, and goes all the way."""
    model = tiny.model(network={"steps": steps, "bound": 1e3})
    log_mel, closeness = keras.Input((None, tiny.SPEC.n_mels, 1)), keras.Input(())
    encoder = keras.Model([log_mel, closeness], log_mel + 0.0 * closeness[:, None, None, None])
    translator = build_translator(encoder, _Straight(), model.config.network, tiny.SPEC)
    found = translator([CLIPS["content"], tf.zeros([2]), tf.zeros([2], tf.int32)])
    np.testing.assert_allclose(found, tf.fill(found.shape, 0.5), atol=1e-3)


def test_the_flow_s_loss_is_the_squared_error_of_the_velocity(monkeypatch):
    """Of a network that foresees the noise, it is 0; of one that says nothing, the mean square."""
    model = tiny.model()
    statistics = model.translator.get_layer("band_statistics")
    real = (CLIPS["band"] - statistics.mean) / statistics.deviation
    calls = []

    def knows(inputs, training):
        _, state, time = inputs
        calls.append(np.array(time))
        return (real - state) / (1.0 - time[:, None, None, None])

    monkeypatch.setattr(type(model), "trained_variables", {"velocity": []})
    monkeypatch.setattr(model, "velocity", knows)
    monkeypatch.setattr(model, "update", lambda *_: None)
    assert float(model.train_step(CLIPS)["flow"]) == pytest.approx(0, abs=1e-6)
    assert all(((each >= 0) & (each < 1)).all() for each in calls)
    monkeypatch.setattr(model, "velocity", lambda inputs, training: tf.zeros_like(inputs[1]))
    expected = float(np.mean(np.square(real)) + 1.0)
    assert float(model.train_step(CLIPS)["flow"]) == pytest.approx(expected, rel=0.1)


@pytest.mark.slow
def test_translations_are_held_to_their_sources():
    """Content songs change what is learnt only by the distances to them."""
    other = dict(CLIPS, content=tf.roll(CLIPS["content"], 7, axis=1))

    def learnt(clips, **loss):
        model = tiny.model(loss=loss)
        model.train_step(clips)
        return [weight.numpy() for weight in model.velocity.trainable_variables]

    free = [learnt(clips, contrast=0.0, rises=0.0) for clips in (CLIPS, other)]
    held = [learnt(clips) for clips in (CLIPS, other)]
    assert all(np.array_equal(*pair) for pair in zip(*free, strict=True))
    assert not all(np.array_equal(*pair) for pair in zip(*held, strict=True))
