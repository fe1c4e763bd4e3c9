"""Distances between two sets of embeddings: Frechet distance (FAD) and kernel distances (KAD, KID).

A row is the embedding of a window of audio, of any song. The kernel distances are unbiased: two samples of
one distribution have distance 0 on average, whatever their size; single values may be negative.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist, pdist

from pipelines.errors import UserError

_KAD_SCALE = 100
_SMALLEST_PART = 0.25
_PARTS = 10
_DRAWS = 4


def frechet_distance(x: np.ndarray, y: np.ndarray) -> float:
    """Frechet distance of the Gaussians with the means and covariances of two sets (FAD, FID).

    ||m_x - m_y||^2 + Tr(S_x + S_y - 2 sqrt(S_x S_y)): Dowson & Landau 1982; for audio Kilgour et al. 2019.
    Its bias grows for small sets: see `frechet_distance_infinity`.

    Args:
        x: float [n, d].
        y: float [m, d].

    Returns:
        0 for equal sets; in the square of the embedding's unit.

    Raises:
        UserError: if a set has less than two rows.
    """
    x, y = _checked(x, y)
    return float(np.sum((x.mean(axis=0) - y.mean(axis=0)) ** 2) + _covariance_distance(x, y))


def frechet_distance_infinity(x: np.ndarray, y: np.ndarray, seed: int = 0) -> float:
    """Extrapolation of `frechet_distance` to infinitely large sets (FAD-infinity).

    The bias of `frechet_distance` is linear in 1 / n (Chong & Forsyth 2020; Gui et al. 2024), so the distance
    of random subsets is extrapolated linearly to 1 / n = 0. Subsets of both sets are used, not only of `x`,
    because each set adds its own bias. Sets need several times d rows.

    Args:
        x: float [n, d].
        y: float [m, d].
        seed: of the random subsets.

    Returns:
        About 0 for two samples of one distribution; may be negative.

    Raises:
        UserError: if a set has less than eight rows.
    """
    x, y = _checked(x, y, least=round(2 / _SMALLEST_PART))
    random = np.random.default_rng(seed)
    inverses = np.repeat(np.linspace(1, 1 / _SMALLEST_PART, _PARTS), _DRAWS)
    distances = [
        frechet_distance(_part(random, x, inverse), _part(random, y, inverse)) for inverse in inverses
    ]
    return float(np.polyfit(inverses, distances, 1)[1])


def kernel_audio_distance(x: np.ndarray, reference: np.ndarray) -> float:
    """Unbiased squared MMD with a Gaussian kernel, times 100 (KAD: Chung et al. 2025).

    The kernel's bandwidth is the median distance between rows of the reference.

    Args:
        x: float [n, d], the set to be measured.
        reference: float [m, d], the reference set.

    Returns:
        0 on average for samples of one distribution; at most 200.

    Raises:
        UserError: if a set has less than two rows, or all rows of the reference are equal.
    """
    x, reference = _checked(x, reference)
    bandwidth = float(np.median(pdist(reference)))
    if not bandwidth:
        raise UserError(
            "most windows of the reference songs are equal: give more, or longer, reference songs"
        )

    def kernel(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return np.exp(cdist(one, other, "sqeuclidean") / (-2 * bandwidth**2))

    return _KAD_SCALE * _unbiased_mmd(kernel(x, x), kernel(reference, reference), kernel(x, reference))


def kernel_inception_distance(x: np.ndarray, reference: np.ndarray) -> float:
    """Unbiased squared MMD with the kernel (x . y / d + 1)^3 (KID: Binkowski et al. 2018, section 4).

    Args:
        x: float [n, d], the set to be measured.
        reference: float [m, d], the reference set.

    Returns:
        0 on average for samples of one distribution.

    Raises:
        UserError: if a set has less than two rows.
    """
    x, reference = _checked(x, reference)

    def kernel(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return (one @ other.T / one.shape[1] + 1) ** 3

    return _unbiased_mmd(kernel(x, x), kernel(reference, reference), kernel(x, reference))


def _checked(x: np.ndarray, y: np.ndarray, least: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Both sets in double precision, after a check of their sizes."""
    fewest = min(len(x), len(y))
    if fewest < least:
        raise UserError(
            f"a set of {fewest} windows cannot be compared ({least} are needed): give longer songs, or more"
        )
    return np.asarray(x, np.float64), np.asarray(y, np.float64)


def _covariance_distance(x: np.ndarray, y: np.ndarray) -> float:
    """Tr(S_x + S_y - 2 sqrt(S_x S_y)), at least 0.

    With S = R'R the square roots of the eigenvalues of S_x S_y are the singular values of R_x R_y'. This
    avoids square roots of rounding errors, and works for sets smaller than d.
    """
    one, other = (
        np.linalg.qr(rows - rows.mean(axis=0), mode="r") / np.sqrt(len(rows) - 1) for rows in (x, y)
    )
    shared = np.linalg.svd(one @ other.T, compute_uv=False).sum()
    return max(0.0, float(np.sum(one**2) + np.sum(other**2) - 2 * shared))


def _part(random: np.random.Generator, rows: np.ndarray, inverse: float) -> np.ndarray:
    """Random subset of one in `inverse` rows, without replacement."""
    return rows[random.choice(len(rows), round(len(rows) / inverse), replace=False)]


def _unbiased_mmd(one: np.ndarray, other: np.ndarray, between: np.ndarray) -> float:
    """Unbiased squared MMD from three kernel matrices (Gretton et al. 2012, equation 3)."""
    within = [
        (kernel.sum() - np.trace(kernel)) / (len(kernel) * (len(kernel) - 1)) for kernel in (one, other)
    ]
    return float(sum(within) - 2 * between.mean())
