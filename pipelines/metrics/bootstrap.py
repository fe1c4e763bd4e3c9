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
