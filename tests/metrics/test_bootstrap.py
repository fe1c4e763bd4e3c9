import numpy as np
import pytest
import scipy.stats

from pipelines.metrics.bootstrap import bootstrap_interval, crossed_bootstrap_means, jackknife_interval
from pipelines.metrics.frechet import kernel_audio_distance

VALUES = np.random.default_rng(0).standard_normal(30) * 3 + 10


def test_bootstrap_of_a_mean_against_scipy():
    expected = scipy.stats.bootstrap(
        (VALUES,), np.mean, method="percentile", n_resamples=5000, random_state=1
    ).confidence_interval
    assert bootstrap_interval(list(VALUES), count=5000) == pytest.approx(tuple(expected), abs=0.1)


def test_more_windows_of_the_same_songs_do_not_narrow_it():
    windows = [np.full(50, value) for value in VALUES]
    assert bootstrap_interval(windows) == pytest.approx(bootstrap_interval(list(VALUES)))


def test_level_seed_and_statistic():
    narrow, wide = (bootstrap_interval(list(VALUES), level=level) for level in (0.5, 0.99))
    assert wide[0] < narrow[0] < VALUES.mean() < narrow[1] < wide[1]
    assert bootstrap_interval(list(VALUES), seed=1) != bootstrap_interval(list(VALUES), seed=2)
    assert bootstrap_interval(list(VALUES), np.max)[1] == VALUES.max()


def test_jackknife_of_a_mean_is_students_interval():
    expected = scipy.stats.t.interval(0.9, 29, VALUES.mean(), scipy.stats.sem(VALUES))
    assert jackknife_interval(list(VALUES), np.mean, level=0.9) == pytest.approx(expected)


def test_jackknife_of_a_distance_has_the_stated_coverage():
    """Songs with individual means from a common distribution, against another such set."""

    def songs(seed: int, count: int) -> list[np.ndarray]:
        random = np.random.default_rng(seed)
        return [random.standard_normal((6, 3)) + random.standard_normal(3) for _ in range(count)]

    held = 0
    for seed in range(40):
        reference = np.concatenate(songs(seed + 500, 60))
        low, high = jackknife_interval(
            songs(seed, 10), lambda rows, wanted=reference: kernel_audio_distance(rows, wanted)
        )
        held += low <= 0 <= high
    assert held >= 30


@pytest.mark.parametrize("interval", [bootstrap_interval, jackknife_interval])
def test_one_song_has_no_interval(interval):
    assert np.isnan(interval([np.ones(5)], np.mean)).all()


def test_crossed_means_have_the_variance_of_the_pigeonhole_bootstrap():
    """Closed form: multinomial counts of rows and columns are independent, each of covariance 1 - 1/n."""
    values = np.random.default_rng(5).normal(size=(7, 1)) + np.random.default_rng(6).normal(size=(7, 5))
    means = crossed_bootstrap_means(values, count=40000)
    rows, columns, mean = values.mean(axis=1), values.mean(axis=0), values.mean()
    interaction = values - rows[:, None] - columns + mean
    variance = rows.var() / 7 + columns.var() / 5 + np.square(interaction).mean() / (7 * 5)
    assert np.mean(means) == pytest.approx(mean, abs=0.01)
    assert np.var(means) == pytest.approx(variance, rel=0.03)


def test_crossed_means_of_one_row_are_a_bootstrap_of_the_columns():
    values = np.random.default_rng(1).normal(size=8)
    means = crossed_bootstrap_means(values[None], count=20000)
    expected = bootstrap_interval(values, count=20000)
    assert np.quantile(means, [0.025, 0.975]) == pytest.approx(expected, abs=0.03)


def test_crossed_means_leave_out_missing_values():
    values = np.array([[1.0, np.nan], [3.0, 3.0]])
    means = crossed_bootstrap_means(values, count=500)
    # Counts of rows and of columns are (2, 0), (1, 1) or (0, 2).
    assert set(np.round(means[np.isfinite(means)], 6)) == {1.0, 3.0, 2.0, round(7 / 3, 6)}
    assert np.isnan(means).any()
    assert np.isnan(crossed_bootstrap_means(np.full((2, 2), np.nan))).all()


def test_crossed_means_of_equal_shapes_are_drawn_together():
    values = np.random.default_rng(2).normal(size=(4, 3))
    means = crossed_bootstrap_means(values)
    assert crossed_bootstrap_means(2 * values + 1) == pytest.approx(2 * means + 1)
    assert not np.array_equal(crossed_bootstrap_means(values, seed=1), means)
