import numpy as np
import pytest
import tensorflow as tf

from transcriber.losses import alike, consistency, cross_entropy, edges


@pytest.mark.parametrize("rarity", [1.0, 4.0])
def test_it_is_numpy_s_with_the_yes_weighted(rarity):
    chance = np.random.default_rng(0)
    logits = chance.normal(0, 3, (2, 5, 4))
    labels = (chance.random((2, 5, 4)) < 0.3).astype(float)
    yes = 1 / (1 + np.exp(-logits))
    expected = -(rarity * labels * np.log(yes) + (1 - labels) * np.log(1 - yes)).mean()
    found = cross_entropy(labels.astype(np.float32), logits.astype(np.float32), rarity)
    assert found.numpy() == pytest.approx(expected, rel=1e-5)


def test_the_right_answer_costs_nothing_the_wrong_one_its_logit():
    labels = np.array([1.0, 0.0], np.float32)
    assert cross_entropy(labels, np.array([100.0, -100.0], np.float32)).numpy() == pytest.approx(0, abs=1e-6)
    assert cross_entropy(labels, np.array([-100.0, 100.0], np.float32)).numpy() == pytest.approx(100)
    assert cross_entropy(labels, np.zeros(2, np.float32)).numpy() == pytest.approx(np.log(2))


def test_consistency_by_numpy():
    chance = np.random.default_rng(1)
    logits, teacher = chance.normal(0, 2, (2, 4, 5, 3))
    weight = chance.uniform(1, 4, (4, 5, 3))
    sure = 1 / (1 + np.exp(-teacher))
    target = np.tile((sure[:2] + sure[2:]) / 2, (2, 1, 1))
    yes = 1 / (1 + np.exp(-logits))
    losses = -(target * np.log(yes) + (1 - target) * np.log(1 - yes))
    expected = (weight * losses).sum() / weight.sum()
    found = consistency(*(each.astype(np.float32) for each in (logits, teacher, weight)))
    assert found.numpy() == pytest.approx(expected, rel=1e-5)


def test_the_teacher_is_not_taught():
    logits, teacher = tf.zeros([2, 3]), tf.ones([2, 3])
    with tf.GradientTape() as tape:
        tape.watch([logits, teacher])
        loss = consistency(logits, teacher, tf.ones([2, 3]))
    gradients = tape.gradient(loss, [logits, teacher])
    assert np.abs(gradients[0]).max() > 0
    assert gradients[1] is None


def test_twins_are_alike_where_both_or_neither_are_heard():
    labels = np.array([[0, 1, 1, 0], [1, 1, 0, 0], [0, 0, 1, 1], [1, 1, 0, 0]], np.float32)
    assert alike(labels).numpy().tolist() == [[1, 0, 1, 0], [1, 1, 1, 1]] * 2


def test_edges_are_near_beginnings_and_ends():
    sounding = np.zeros((1, 20, 2), np.float32)
    sounding[0, 5:12, 0] = 1
    found = edges(tf.constant(sounding)).numpy()
    assert np.flatnonzero(found[0, :, 0]).tolist() == [3, 4, 5, 6, 7, 10, 11, 12, 13, 14]
    assert not found[0, :, 1].any()
