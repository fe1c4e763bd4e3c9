import numpy as np
import pytest
import tensorflow as tf
from scipy import special
from scipy.spatial import distance

from cyclegan.losses import absolute_error, feature_distance, info_nce, soft_disagreement


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


def test_info_nce_is_the_cross_entropy_of_finding_one_s_own_key():
    queries, keys = (
        x / np.linalg.norm(x, axis=-1, keepdims=True) for x in (maps(1, 2, 5, 3), maps(2, 2, 5, 3))
    )
    logits = np.einsum("bqc,bkc->bqk", queries, keys) / 0.1
    expected = -np.mean(np.diagonal(special.log_softmax(logits, axis=-1), axis1=1, axis2=2))
    assert info_nce(queries, keys, 0.1).numpy() == pytest.approx(expected, rel=1e-5)


def test_info_nce_of_what_cannot_be_told_apart_and_of_what_can():
    same, own = np.ones((2, 8, 1), np.float32), np.tile(np.eye(8, dtype=np.float32), (2, 1, 1))
    assert info_nce(same, same).numpy() == pytest.approx(np.log(8), rel=1e-5)
    assert info_nce(own, own).numpy() == pytest.approx(0.0, abs=1e-4)


def test_no_gradient_of_info_nce_flows_into_the_keys():
    queries, keys = tf.constant(maps(1, 1, 4, 3)), tf.constant(maps(2, 1, 4, 3))
    with tf.GradientTape() as tape:
        tape.watch([queries, keys])
        loss = info_nce(queries, keys)
    there, none = tape.gradient(loss, [queries, keys])
    assert np.abs(there).max() > 0.0
    assert none is None


def test_soft_disagreement_is_scipy_s_bray_curtis_and_one_minus_f1_of_certain_rolls():
    one, other = (np.random.default_rng(seed).random((2, 5, 7)).astype(np.float32) for seed in (1, 2))
    expected = distance.braycurtis(one.ravel(), other.ravel())
    assert soft_disagreement(one, other).numpy() == pytest.approx(expected, rel=1e-5)
    sure, heard = (one > 0.5).astype(np.float32), (other > 0.5).astype(np.float32)
    f1 = 2 * (sure * heard).sum() / (sure.sum() + heard.sum())
    assert soft_disagreement(sure, heard).numpy() == pytest.approx(1 - f1, rel=1e-5)


def test_soft_disagreement_of_silences_is_0_and_of_nothing_in_common_1():
    silence, note = np.zeros((1, 4, 3), np.float32), np.eye(4, 3, dtype=np.float32)[None]
    assert soft_disagreement(silence, silence).numpy() == 0
    assert soft_disagreement(silence, note).numpy() == pytest.approx(1)
