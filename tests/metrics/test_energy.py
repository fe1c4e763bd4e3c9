import numpy as np
import pytest
import scipy.stats

from pipelines.errors import UserError
from pipelines.metrics import energy
from pipelines.metrics.energy import energy_distance


def rows(count: int, mean: float = 0.0, seed: int = 0, columns: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, columns)) + mean


def test_it_is_scipys_distance_without_the_pairs_of_a_row_with_itself():
    x, y = rows(30, columns=1), rows(41, 0.7, seed=1, columns=1)
    within = [np.abs(z - z.T).mean() / (len(z) - 1) for z in (x, y)]
    expected = scipy.stats.energy_distance(x[:, 0], y[:, 0]) ** 2 - sum(within)
    assert energy_distance(x, y) == pytest.approx(expected, abs=1e-12)


def test_two_gaussians_have_the_distance_of_the_closed_form():
    """|X - Y| of N(0, 1) and N(m, 1) is a folded normal variable with mean m and variance 2."""
    mean = 1.5
    folded = 2 / np.sqrt(np.pi) * np.exp(-(mean**2) / 4) + mean * (
        1 - 2 * scipy.stats.norm.cdf(-mean / 2**0.5)
    )
    expected = 2 * folded - 2 * 2 / np.sqrt(np.pi)
    found = energy_distance(rows(4000, columns=1), rows(4000, mean, seed=1, columns=1))
    assert found == pytest.approx(expected, rel=0.08)


def test_small_samples_of_one_distribution_are_at_zero_on_average():
    found = [energy_distance(rows(5, seed=seed), rows(7, seed=1000 + seed)) for seed in range(300)]
    assert abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(len(found))
    assert min(found) < 0 < max(found)


def test_it_grows_with_the_distance_and_is_symmetric():
    x = rows(50)
    found = [energy_distance(x, rows(60, mean, seed=1)) for mean in (0.0, 0.5, 1.0, 2.0)]
    assert np.all(np.diff(found) > 0)
    assert energy_distance(rows(60, 2.0, seed=1), x) == pytest.approx(found[-1])


def test_blocks_do_not_change_it(monkeypatch):
    x, y = rows(50), rows(33, 1, seed=1)
    whole = energy_distance(x, y)
    monkeypatch.setattr(energy, "_BLOCK", 7)
    assert energy_distance(x, y) == pytest.approx(whole, rel=1e-12)


def test_equal_rows_and_sets_that_are_too_small():
    assert energy_distance(np.ones((3, 2)), np.ones((4, 2))) == 0
    with pytest.raises(UserError, match="a set of 1 windows cannot be compared"):
        energy_distance(rows(1), rows(5))
