import numpy as np
import pytest
import scipy.linalg
from sklearn.metrics.pairwise import polynomial_kernel, rbf_kernel

from pipelines.errors import UserError
from pipelines.metrics.frechet import (
    frechet_distance,
    frechet_distance_infinity,
    kernel_audio_distance,
    kernel_inception_distance,
)

KERNEL_DISTANCES = [kernel_audio_distance, kernel_inception_distance]
ALL = [frechet_distance, frechet_distance_infinity, *KERNEL_DISTANCES]


def normal(rows: int, columns: int = 4, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((rows, columns))


def with_moments(mean: np.ndarray, covariance: np.ndarray, seed: int) -> np.ndarray:
    """A sample that has these moments exactly."""
    rows = normal(50, len(mean), seed)
    rows -= rows.mean(axis=0)
    white = rows @ np.linalg.inv(np.linalg.cholesky(np.cov(rows.T))).T
    return white @ np.linalg.cholesky(covariance).T + mean


def test_frechet_of_two_gaussians_in_closed_form():
    # Diagonal covariances: the squares of the differences of means and of deviations.
    x = with_moments(np.array([0.0, 1.0]), np.diag([4.0, 9.0]), 0)
    y = with_moments(np.array([3.0, 1.0]), np.diag([1.0, 25.0]), 1)
    assert frechet_distance(x, y) == pytest.approx(3**2 + (2 - 1) ** 2 + (3 - 5) ** 2)


def test_frechet_against_the_matrix_root():
    x, y = normal(60) @ normal(4, seed=2), normal(40, seed=1) @ normal(4, seed=3) + 0.5
    one, other = np.cov(x.T), np.cov(y.T)
    root = scipy.linalg.sqrtm(one @ other).real
    expected = np.sum((x.mean(axis=0) - y.mean(axis=0)) ** 2) + np.trace(one + other - 2 * root)
    assert frechet_distance(x, y) == pytest.approx(expected)


def test_frechet_of_equal_sets_is_zero_even_with_fewer_rows_than_columns():
    x = normal(5, 20)
    assert frechet_distance(x, x[::-1]) == pytest.approx(0, abs=1e-12)
    assert frechet_distance(x, x + 1) == pytest.approx(20)


def test_infinity_takes_the_bias_of_small_sets_away():
    pairs = [(normal(120, 8, seed), normal(160, 8, seed + 100)) for seed in range(20)]
    biased = np.mean([frechet_distance(*pair) for pair in pairs])
    endless = [frechet_distance_infinity(*pair) for pair in pairs]
    assert biased > 0.15
    assert abs(np.mean(endless)) < biased / 8


def test_infinity_finds_the_true_distance():
    found = [
        frechet_distance_infinity(normal(200, 6, seed), 2 * normal(200, 6, seed + 50)) for seed in range(8)
    ]
    assert np.mean(found) == pytest.approx(6, rel=0.05)


def test_infinity_is_a_function_of_its_seed():
    x, y = normal(40), normal(40, seed=1)
    assert frechet_distance_infinity(x, y, seed=3) == frechet_distance_infinity(x, y, seed=3)
    assert frechet_distance_infinity(x, y, seed=3) != frechet_distance_infinity(x, y, seed=4)


def mmd(kernel: np.ndarray, first: int) -> float:
    """Unbiased, pair by pair, from the kernel of both sets one below the other."""
    n, total = len(kernel), 0.0
    for i in range(n):
        for j in range(n):
            same, inside = (i < first) == (j < first), first if i < first else n - first
            if same and i != j:
                total += kernel[i, j] / (inside * (inside - 1))
            if not same:
                total -= kernel[i, j] / (first * (n - first))
    return total


def test_kad_pair_by_pair():
    x, reference = normal(7), normal(9, seed=1) + 0.5
    apart = [np.linalg.norm(a - b) for i, a in enumerate(reference) for b in reference[:i]]
    kernel = rbf_kernel(np.concatenate([x, reference]), gamma=1 / (2 * np.median(apart) ** 2))
    assert kernel_audio_distance(x, reference) == pytest.approx(100 * mmd(kernel, 7))


def test_kid_pair_by_pair():
    x, reference = normal(7), normal(9, seed=1) + 0.5
    kernel = polynomial_kernel(np.concatenate([x, reference]), degree=3, coef0=1)
    assert kernel_inception_distance(x, reference) == pytest.approx(mmd(kernel, 7))


def test_kad_of_a_set_with_itself():
    x = normal(12)
    apart = scipy.spatial.distance.pdist(x)
    alike = np.exp(-(apart**2) / (2 * np.median(apart) ** 2)).mean()
    assert kernel_audio_distance(x, x) == pytest.approx(-100 * 2 / 12 * (1 - alike))


@pytest.mark.parametrize("distance", KERNEL_DISTANCES)
def test_kernel_distances_have_no_bias_on_tiny_sets(distance):
    values = [distance(normal(6, seed=seed), normal(6, seed=seed + 1000)) for seed in range(400)]
    assert abs(np.mean(values)) < 3 * np.std(values) / np.sqrt(400)


@pytest.mark.parametrize("distance", ALL)
def test_grows_with_the_shift(distance):
    reference = normal(80, seed=1)
    values = [distance(normal(80) + shift, reference) for shift in (0.0, 0.5, 1.0, 2.0)]
    assert values == sorted(values)


@pytest.mark.parametrize("distance", ALL)
def test_too_few_windows_are_an_error(distance):
    with pytest.raises(UserError, match="a set of 1 windows cannot be compared"):
        distance(normal(1), normal(20))


def test_a_reference_without_spread_is_an_error():
    with pytest.raises(UserError, match="most windows of the reference songs are equal"):
        kernel_audio_distance(normal(5), np.ones((5, 4)))
