import numpy as np
import pytest

from transcriber.losses import cross_entropy


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
