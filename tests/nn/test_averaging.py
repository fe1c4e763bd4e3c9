import keras
import numpy as np
import pytest
import tensorflow as tf

from pipelines.nn.averaging import track_average


def network(value):
    """One dense layer and a batch normalisation, whose statistics are not trained: all weights the same."""
    layers = [keras.Input((3,)), keras.layers.Dense(2), keras.layers.BatchNormalization()]
    model = keras.Sequential(layers)
    model.set_weights([np.full(weight.shape, value, np.float32) for weight in model.weights])
    return model


def test_follows_the_closed_form_after_the_warm_up():
    average, live = network(5.0), network(1.0)
    for _ in range(7):
        track_average(average, live, 0.9, tf.constant(10_000))
    for weight in average.weights:
        np.testing.assert_allclose(weight, 1.0 + (5.0 - 1.0) * 0.9**7, rtol=1e-5)


@pytest.mark.parametrize(("step", "keep"), [(0, 0.1), (5, 0.4), (80, 0.9), (10**6, 0.9)])
def test_the_first_steps_forget_the_initial_weights(step, keep):
    average, live = network(5.0), network(1.0)
    track_average(average, live, 0.9, tf.constant(step, tf.int64))
    np.testing.assert_allclose(average.weights[0], 1.0 + 4.0 * keep, rtol=1e-5)


def test_statistics_that_are_not_trained_are_averaged_too():
    average, live = network(5.0), network(1.0)
    track_average(average, live, 0.0, tf.constant(10**6))
    assert len(average.weights) > len(average.trainable_weights)
    for ours, theirs in zip(average.get_weights(), live.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_the_live_network_stays_and_a_graph_gives_the_same():
    live, eager, graph = network(1.0), network(5.0), network(5.0)
    track_average(eager, live, 0.7, tf.constant(99))
    tf.function(lambda: track_average(graph, live, 0.7, tf.constant(99)))()
    for weight, other, source in zip(eager.weights, graph.weights, live.weights, strict=True):
        np.testing.assert_allclose(weight, other, rtol=1e-6)
        np.testing.assert_array_equal(source, np.ones(source.shape))
