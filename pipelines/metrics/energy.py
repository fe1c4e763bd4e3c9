"""Energy distance between two sets of feature rows: a distance of distributions without a bandwidth."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist

from pipelines.errors import UserError

_BLOCK = 1024
"""Number of rows whose distances are in memory at once."""


def energy_distance(x: np.ndarray, y: np.ndarray) -> float:
    """Energy distance 2 E|X - Y| - E|X - X'| - E|Y - Y'| (Szekely & Rizzo 2013, equation 5).

    The unbiased U-statistic: pairs of a row with itself are left out, so that two samples of one distribution
    have distance 0 on average, whatever their size. The V-statistic, which is never negative, is larger for
    small sets. It is not the square root, which scipy.stats.energy_distance returns for one dimension.
    Columns of different units must be standardised first, see `statistics.standardise`.

    Args:
        x: float [n, d].
        y: float [m, d].

    Returns:
        0 for equal distributions, on average; in the unit of the rows; single values may be negative.

    Raises:
        UserError: if a set has less than two rows.
    """
    fewest = min(len(x), len(y))
    if fewest < 2:
        raise UserError(
            f"a set of {fewest} windows cannot be compared (2 are needed): give longer songs, or more"
        )
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    within = sum(_sum_of_distances(rows, rows) / (len(rows) * (len(rows) - 1)) for rows in (x, y))
    return float(2 * _sum_of_distances(x, y) / (len(x) * len(y)) - within)


def _sum_of_distances(x: np.ndarray, y: np.ndarray) -> float:
    """Sum of the Euclidean distances of all pairs; a row's distance to itself is exactly 0."""
    return sum(float(cdist(x[start : start + _BLOCK], y).sum()) for start in range(0, len(x), _BLOCK))
