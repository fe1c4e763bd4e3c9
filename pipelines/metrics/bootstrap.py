"""Confidence intervals of statistics of few songs, by bootstrap and jackknife.

Windows of one song are correlated, so the resampling unit is the song, not the window.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats

Statistic = Callable[[np.ndarray], float]
"""Function of the values of some songs, concatenated along the first axis."""


def bootstrap_interval(
    values_by_song: Sequence[np.ndarray | float],
    statistic: Statistic = np.mean,
    level: float = 0.95,
    seed: int = 0,
    count: int = 1000,
) -> tuple[float, float]:
    """Percentile bootstrap interval (Efron 1979) of a statistic, songs resampled with replacement.

    Not suitable for distances between sets of windows: repeated songs bias them upwards. Use
    `jackknife_interval` for those.

    Args:
        values_by_song: one number, or an array [windows, ...], for every song.
        statistic: function of the songs' values, concatenated.
        level: confidence level.
        seed: of the resampling.
        count: number of resamples.

    Returns:
        Lower and upper end; two NaN for less than two songs.
    """
    songs = [np.atleast_1d(values) for values in values_by_song]
    if len(songs) < 2:
        return float("nan"), float("nan")
    draws = np.random.default_rng(seed).integers(len(songs), size=(count, len(songs)))
    results = [statistic(np.concatenate([songs[index] for index in draw])) for draw in draws]
    low, high = np.quantile(results, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def jackknife_interval(
    values_by_song: Sequence[np.ndarray], statistic: Statistic, level: float = 0.95
) -> tuple[float, float]:
    """Jackknife interval of a statistic, one song left out at a time (Tukey 1958).

    Suitable for distances between sets: no song is repeated, and there are as many evaluations as songs.

    Args:
        values_by_song: an array [windows, ...] for every song.
        statistic: function of the songs' values, concatenated.
        level: confidence level.

    Returns:
        The statistic of all songs, minus and plus its standard error times Student's t; two NaN for less than
        two songs.
    """
    songs = [np.atleast_1d(values) for values in values_by_song]
    if len(songs) < 2:
        return float("nan"), float("nan")
    without = [statistic(np.concatenate(songs[:index] + songs[index + 1 :])) for index in range(len(songs))]
    error = np.sqrt((len(songs) - 1) * np.var(without))
    reach = float(error * stats.t.ppf((1 + level) / 2, len(songs) - 1))
    middle = float(statistic(np.concatenate(songs)))
    return middle - reach, middle + reach


def crossed_bootstrap_means(values: np.ndarray, seed: int = 0, count: int = 2000) -> np.ndarray:
    """Means of resamples of two crossed factors, such as participants and songs (Owen 2007).

    Rows and columns are resampled with replacement, independently of each other, and a cell counts as often
    as its row times its column (the pigeonhole bootstrap, Annals of Applied Statistics 1(2)). The quantiles
    of the means are an interval for other rows and other columns alike, slightly too wide. A factor with one
    level does not vary.

    Args:
        values: [rows, columns]; NaN where there is no value.
        seed: of the resampling. Equal seeds and shapes resample equal rows and columns, so that functions of
            several means can be resampled together.
        count: number of resamples.

    Returns:
        float64 [count]; NaN for resamples without a value.
    """
    generator = np.random.default_rng(seed)
    rows, columns = (generator.multinomial(n, np.full(n, 1 / n), size=count) for n in np.shape(values))
    known = np.isfinite(values)
    cells = ((rows @ known) * columns).sum(axis=1)
    sums = ((rows @ np.where(known, values, 0.0)) * columns).sum(axis=1)
    return np.divide(sums, cells, out=np.full(count, np.nan), where=cells > 0)
