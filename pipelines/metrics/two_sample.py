"""Classifier two-sample test: how well covers and the band's own songs can be told apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pipelines.errors import UserError
from pipelines.metrics.classifier import StyleClassifier

_FOLDS = 5
_DRAWS = 1000


class TwoSampleTest(NamedTuple):
    """Result of `two_sample_test`.

    Attributes:
        accuracy: balanced accuracy; 0.5 if covers and band cannot be told apart, 1 if always.
        low: lower end of the 95 % interval over songs.
        high: upper end.
        covers: share of each cover's windows that are recognised as a cover's, float64 [covers].
        band: share of each song's windows that are recognised as the band's, float64 [band songs].
    """

    accuracy: float
    low: float
    high: float
    covers: np.ndarray
    band: np.ndarray


def two_sample_test(
    covers: Sequence[np.ndarray], band: Sequence[np.ndarray], seed: int = 0, folds: int = _FOLDS
) -> TwoSampleTest:
    """Classifier two-sample test (Lopez-Paz & Oquab 2017, section 3) between covers and songs of the band.

    A `StyleClassifier` (logistic regression on standardised features) is cross-validated. Folds are of whole
    songs, so that no song is in both halves of a fold: otherwise it would recognise songs, not styles. All
    songs of a side have equal weight, in training and in the result, and so have both sides.
    If songs of both sides are of one distribution, the expected accuracy is 0.5, because no test song has
    influenced its classifier; with few songs single results scatter widely around it.

    The interval is a percentile bootstrap over the songs of each side; the classifiers are not trained again,
    so it leaves out the variance of the folds and is somewhat too narrow.

    Args:
        covers: windows of features, [windows, d], of each cover; a cover without windows is left out.
        band: likewise, of each of the band's held-out songs.
        seed: of the folds and the bootstrap.
        folds: number of folds, at most; as many as songs on the smaller side, if those are fewer.

    Returns:
        Accuracy, interval and the songs' shares; shares are NaN for songs without windows.

    Raises:
        UserError: if a side has less than two songs with windows.
    """
    sides = [_indices(covers, "covers"), _indices(band, "songs of the band")]
    random = np.random.default_rng(seed)
    folds = max(2, min(folds, *map(len, sides)))
    shuffled = [random.permutation(side) for side in sides]
    shares = np.full(len(covers), np.nan), np.full(len(band), np.nan)
    for fold in range(folds):
        tested = [side[fold::folds] for side in shuffled]
        trained = [np.setdiff1d(side, test) for side, test in zip(sides, tested, strict=True)]
        classifier = StyleClassifier.fit([covers[i] for i in trained[0]], [band[i] for i in trained[1]])
        for index in tested[0]:
            shares[0][index] = np.mean(classifier.probability(covers[index]) < 0.5)
        for index in tested[1]:
            shares[1][index] = np.mean(classifier.probability(band[index]) >= 0.5)
    known = [share[side] for share, side in zip(shares, sides, strict=True)]
    low, high = np.quantile(_resampled_accuracies(random, known), [0.025, 0.975])
    accuracy = np.mean([share.mean() for share in known])
    return TwoSampleTest(float(accuracy), float(low), float(high), *shares)


def _indices(songs: Sequence[np.ndarray], name: str) -> np.ndarray:
    """Indices of the songs that have windows."""
    audible = np.flatnonzero([len(song) for song in songs])
    if len(audible) < 2:
        raise UserError(
            f"the two-sample test has {len(audible)} {name} with sound in them and needs 2: add songs"
        )
    return audible


def _resampled_accuracies(random: np.random.Generator, shares: Sequence[np.ndarray]) -> np.ndarray:
    """Balanced accuracies of bootstrap resamples of each side's songs, [_DRAWS]."""
    means = [share[random.integers(len(share), size=(_DRAWS, len(share)))].mean(axis=1) for share in shares]
    return np.mean(means, axis=0)
