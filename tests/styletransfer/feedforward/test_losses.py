import numpy as np
import pytest
import tensorflow as tf

from styletransfer.feedforward import losses

RANDOM = np.random.default_rng(0)
MAPS = RANDOM.normal(size=(2, 5, 6, 3)).astype(np.float32)


@pytest.mark.parametrize(("groups", "count"), [(1, 1), (3, 3), (4, 2), (6, 6)])
def test_the_graph_s_grams_are_numpy_s(groups, count):
    rows = np.split(MAPS, count, axis=2)
    expected = [np.einsum("btfc,btfd->cd", each, each) / (each.size / 3) for each in rows]
    np.testing.assert_allclose(losses.grouped_gram(tf.constant(MAPS), groups), expected, atol=1e-5)
    graph = tf.function(lambda x: losses.grouped_gram(x, groups))
    np.testing.assert_allclose(graph(MAPS), expected, atol=1e-5)


def test_grams_do_not_depend_on_where_in_time_or_in_which_clip():
    moved = np.roll(MAPS[::-1], 2, axis=1)
    np.testing.assert_allclose(
        losses.grouped_gram(tf.constant(moved), 3), losses.grouped_gram(tf.constant(MAPS), 3), atol=1e-5
    )


def test_style_distance_is_a_share_of_the_wanted_energy():
    wanted = [tf.constant([[[3.0, 0.0], [0.0, 4.0]]]), tf.constant([[[2.0]]])]
    assert losses.style_distance(wanted, wanted) == 0
    assert losses.style_distance([tf.zeros_like(x) for x in wanted], wanted) == 1
    found = [tf.constant([[[3.0, 1.0], [1.0, 4.0]]]), tf.constant([[[4.0]]])]
    assert float(losses.style_distance(found, wanted)) == pytest.approx((2 / 25 + 4 / 4) / 2)


def test_content_distance_is_a_share_of_the_wanted_variance():
    wanted = [tf.constant(MAPS)]
    assert losses.content_distance(wanted, wanted) == 0
    off = losses.content_distance([tf.constant(MAPS + 0.5)], wanted)
    assert float(off) == pytest.approx(0.25 / MAPS.var(), rel=1e-4)
    other = RANDOM.normal(size=(40, 50, 6, 3)).astype(np.float32)
    same = RANDOM.normal(size=(40, 50, 6, 3)).astype(np.float32)
    assert float(losses.content_distance([tf.constant(other)], [tf.constant(same)])) == pytest.approx(
        2, abs=0.05
    )


def test_no_gradient_flows_into_what_is_wanted():
    x = tf.Variable(MAPS)
    with tf.GradientTape() as tape:
        loss = losses.content_distance([tf.constant(MAPS + 1)], [x + 0])
    assert tape.gradient(loss, x) is None


def test_total_variation_is_the_mean_of_absolute_differences():
    log_mel = RANDOM.normal(size=(2, 7, 5, 1)).astype(np.float32)
    expected = np.abs(np.diff(log_mel, axis=1)).mean() + np.abs(np.diff(log_mel, axis=2)).mean()
    assert float(losses.total_variation(tf.constant(log_mel))) == pytest.approx(expected, rel=1e-5)
    assert losses.total_variation(tf.ones((1, 4, 4, 1))) == 0
