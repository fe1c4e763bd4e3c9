import numpy as np
import pytest
from scipy.spatial import distance

from cyclegan.losses import absolute_error, soft_disagreement


def maps(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def test_absolute_error_is_numpy_s():
    a, b = maps(1, 2, 5, 4, 1), maps(2, 2, 5, 4, 1)
    assert absolute_error(a, b).numpy() == pytest.approx(np.abs(a - b).mean(), rel=1e-6)
    assert absolute_error(a, a).numpy() == 0


def test_soft_disagreement_is_scipy_s_bray_curtis_and_one_minus_f1_of_certain_rolls():
    one, other = (np.random.default_rng(seed).random((2, 5, 7)).astype(np.float32) for seed in (1, 2))
    expected = distance.braycurtis(one.ravel(), other.ravel())
    assert soft_disagreement(one, other).numpy() == pytest.approx(expected, rel=1e-5)
    sure, estimate = (one > 0.5).astype(np.float32), (other > 0.5).astype(np.float32)
    f1 = 2 * (sure * estimate).sum() / (sure.sum() + estimate.sum())
    assert soft_disagreement(sure, estimate).numpy() == pytest.approx(1 - f1, rel=1e-5)


def test_soft_disagreement_of_silences_is_0_and_of_nothing_in_common_1():
    silence, note = np.zeros((1, 4, 3), np.float32), np.eye(4, 3, dtype=np.float32)[None]
    assert soft_disagreement(silence, silence).numpy() == 0
    assert soft_disagreement(silence, note).numpy() == pytest.approx(1)
