import numpy as np
import pytest
import tensorflow as tf

from cyclegan.losses import absolute_error, feature_distance


def maps(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def test_absolute_error_is_numpy_s():
    a, b = maps(1, 2, 5, 4, 1), maps(2, 2, 5, 4, 1)
    assert absolute_error(a, b).numpy() == pytest.approx(np.abs(a - b).mean(), rel=1e-6)
    assert absolute_error(a, a).numpy() == 0


def test_feature_distance_is_in_units_of_each_layer():
    a, b = ([maps(seed + i, 2, 4, 3, i + 1) for i in range(3)] for seed in (1, 11))
    expected = np.mean([np.abs(x - y).mean() / np.abs(y).mean() for x, y in zip(a, b, strict=True)])
    assert feature_distance(a, b).numpy() == pytest.approx(expected, rel=1e-4)
    loud = feature_distance([100 * x for x in a], [100 * y for y in b])
    assert loud.numpy() == pytest.approx(expected, rel=1e-4)


def test_no_gradient_flows_into_the_scale():
    a, b = tf.constant([[1.0, 2.0]]), tf.constant([[3.0, 5.0]])
    with tf.GradientTape() as tape:
        tape.watch(b)
        distance = feature_distance([a], [b])
    # d/db mean|a - b| = 1/2 each, over the mean of |b|, 4, held fixed.
    np.testing.assert_allclose(tape.gradient(distance, b), [[0.125, 0.125]], rtol=1e-5)


def test_layers_must_match():
    with pytest.raises(ValueError, match="zip"):
        feature_distance([maps(1, 2, 2)], [maps(1, 2, 2)] * 2)
