import keras
import numpy as np
import pytest
import tensorflow as tf

from pipelines.nn.discriminators import MultiScaleDiscriminator, features_of, logits_of

FRAMES, MELS = 32, 64


@pytest.fixture(scope="module")
def judge():
    keras.utils.set_random_seed(2)
    model = MultiScaleDiscriminator(channels=4, depth=2, scales=2)
    model(tf.zeros((1, FRAMES, MELS, 1)))
    return model


def log_mels(batch=2, frames=FRAMES):
    return np.random.default_rng(1).uniform(-1, 1, (batch, frames, MELS, 1)).astype(np.float32)


def test_shapes_at_every_scale(judge):
    outputs = judge(log_mels())
    # The stem shrinks by 2 x 4, each of two steps by 2 x 2, the second scale by 2 x 2 once more.
    assert [tuple(logits.shape) for logits in logits_of(outputs)] == [(2, 4, 4, 1), (2, 2, 2, 1)]
    features = [tuple(feature.shape) for feature in features_of(outputs)]
    large, small = features[:3], features[3:]
    assert large == [(2, 16, 16, 4), (2, 8, 8, 8), (2, 4, 4, 16)]
    assert small == [(2, 8, 8, 4), (2, 4, 4, 8), (2, 2, 2, 16)]


def test_width_stops_growing_at_four_times():
    model = MultiScaleDiscriminator(channels=2, depth=4, scales=1)
    features = features_of(model(tf.zeros((1, 64, 128, 1))))
    assert [feature.shape[-1] for feature in features] == [2, 4, 8, 8, 8]


def test_knows_which_frequency_it_hears(judge):
    """The same sound eight mel bands higher: two strides of the stem, so a plain convolution cannot tell."""
    sound = np.full((1, FRAMES, MELS, 1), -1, np.float32)
    higher = sound.copy()
    sound[:, :, 24:28], higher[:, :, 32:36] = 0.5, 0.5
    patch = judge.judges[0]
    trained = patch.embedding.embedding.numpy()

    def middle(x, shift):
        stem = keras.ops.leaky_relu(patch.embedding(patch.stem(x)), 0.2)
        return stem.numpy()[0, 8, 6 + shift]

    try:
        patch.embedding.embedding.assign(np.zeros_like(trained))
        np.testing.assert_allclose(middle(sound, 0), middle(higher, 2), atol=1e-6)
        patch.embedding.embedding.assign(np.random.default_rng(0).normal(size=trained.shape))
        assert np.abs(middle(sound, 0) - middle(higher, 2)).max() > 0.1
    finally:
        patch.embedding.embedding.assign(trained)


def test_moving_a_sound_changes_the_logits(judge):
    x = log_mels()
    before, after = (logits_of(judge(y)) for y in (x, np.roll(x, 16, axis=2)))
    for one, other in zip(before, after, strict=True):
        assert np.abs(one - other).max() > 1e-3


def test_the_second_scale_judges_the_average(judge):
    x = log_mels()
    shrunk = x.reshape(2, FRAMES // 2, 2, MELS // 2, 2, 1).mean(axis=(2, 4))
    np.testing.assert_allclose(judge(x)[1][-1], judge.judges[1](shrunk)[-1], atol=1e-5)


def test_every_variable_gets_a_gradient(judge):
    with tf.GradientTape() as tape:
        loss = tf.add_n([tf.reduce_mean(logits**2) for logits in logits_of(judge(log_mels()))])
    for variable, gradient in zip(
        judge.trainable_variables, tape.gradient(loss, judge.trainable_variables), strict=True
    ):
        assert gradient is not None, variable.path
        assert np.abs(gradient).max() > 0, variable.path


def test_its_config_makes_it_again(judge):
    config = judge.get_config()
    again = MultiScaleDiscriminator.from_config(config)
    again(tf.zeros((1, FRAMES, MELS, 1)))
    assert [w.shape for w in again.weights] == [w.shape for w in judge.weights]


def test_judges_any_length_in_one_graph(judge):
    call = tf.function(judge, input_signature=[tf.TensorSpec([None, None, MELS, 1])])
    for frames in (32, 48):
        x = log_mels(1, frames)
        for graph, eager in zip(logits_of(call(x)), logits_of(judge(x)), strict=True):
            np.testing.assert_allclose(graph, eager, atol=1e-5)
