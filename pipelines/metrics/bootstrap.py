"""Confidence intervals of statistics that are measured on few songs.

Windows of one song are alike, so songs are resampled or left out, never windows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats

Statistic = Callable[[np.ndarray], float]
"""One number of the values of some songs, joined along the first axis."""


def bootstrap_interval(
    values_by_song: Sequence[np.ndarray | float],
    statistic: Statistic = np.mean,
    level: float = 0.95,
    seed: int = 0,
    count: int = 1000,
) -> tuple[float, float]:
    """Percentile bootstrap interval (Efron 1979) of a statistic, songs drawn with replacement.

    A distance between sets of windows takes copies of a song for new songs that agree with it, which shifts
    its interval up: `jackknife_interval` is for those.

    Args:
        values_by_song: one number, or an array [windows, ...], for every song.
        statistic: of the songs' values, joined.
        level: probability that the interval is to have.
        seed: of the draws.
        count: how many draws.

    Returns:
        Its ends; two NaN for less than two songs.
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
    """Interval of a statistic of a set of windows from leaving out a song at a time (Tukey 1958).

    For distances between sets: no song is seen twice, and there are as many evaluations as songs.

    Args:
        values_by_song: an array [windows, ...] for every song.
        statistic: of the songs' values, joined.
        level: probability that the interval is to have.

    Returns:
        The statistic of all songs, less and plus its standard error times Student's t; two NaN for less than
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
