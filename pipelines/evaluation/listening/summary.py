"""Statistics of a listening test: mean ratings of every system, and their intervals."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from pipelines.errors import UserError
from pipelines.evaluation.balance import harmonic_mean
from pipelines.evaluation.listening.answers import Participant
from pipelines.evaluation.listening.key import Key
from pipelines.evaluation.listening.questions import QuestionKey
from pipelines.evaluation.listening.screening import screen
from pipelines.evaluation.results import Estimate, Method
from pipelines.metrics.bootstrap import crossed_bootstrap_means

_RESAMPLES = 2000

INTERVAL = (
    f"percentile bootstrap, {_RESAMPLES} resamples of participants and of songs, independently of each other "
    "(Owen 2007)"
)
"""Method of the intervals, a clause for readers."""


@dataclasses.dataclass(frozen=True)
class SystemRating:
    """Ratings of one system.

    Attributes:
        method: the system.
        content: of "Is it the same song?", from 0 to 100; None without a rating.
        style: of "Is it this band?", likewise.
        balance: harmonic mean of both means; None without one of them.
        ratings: number of ratings of both questions.
    """

    method: Method
    content: Estimate | None
    style: Estimate | None
    balance: Estimate | None
    ratings: int


@dataclasses.dataclass(frozen=True)
class ListeningResult:
    """Result of a listening test.

    Attributes:
        test: name of the test.
        participants: names of those that count.
        excluded: reasons of the post-screening, by participant's name.
        screened: questions whose hidden reference was used for the post-screening.
        songs: number of songs.
        systems: in the evaluation's order, the truth last.
    """

    test: str
    participants: tuple[str, ...]
    excluded: dict[str, str]
    screened: tuple[QuestionKey, ...]
    songs: int
    systems: tuple[SystemRating, ...]


def summarise(
    participants: Sequence[Participant], key: Key, screened: Sequence[QuestionKey], seed: int = 0
) -> ListeningResult:
    """Mean ratings with 95 % intervals over participants and songs.

    Args:
        participants: with their ratings.
        key: of the test.
        screened: questions whose hidden reference is used for the post-screening, see `screening.screen`.
        seed: of the bootstrap.

    Raises:
        UserError: if the post-screening leaves no participant.
    """
    remaining, excluded = screen(participants, key, screened)
    if not remaining:
        raise UserError(
            f"the post-screening leaves none of {len(participants)} participants: --screening=none counts all"
        )
    systems = tuple(_rating(method, remaining, key, seed) for method in key.systems)
    names = tuple(each.name for each in remaining)
    return ListeningResult(key.test, names, excluded, tuple(screened), len(key.songs), systems)


def rating_matrix(
    participants: Sequence[Participant], key: Key, system: str, question: QuestionKey
) -> np.ndarray:
    """Ratings of a system, float64 [participants, songs]; NaN where there is none."""
    songs = {song: index for index, song in enumerate(key.songs)}
    ratings = np.full((len(participants), len(songs)), np.nan)
    for row, participant in enumerate(participants):
        for name, of_trial in participant.ratings.items():
            trial = key.trials[name]
            for sound, value in of_trial.items():
                if trial.question == question and key.sounds[sound].system == system:
                    ratings[row, songs[trial.song]] = value
    return ratings


def _rating(method: Method, participants: Sequence[Participant], key: Key, seed: int) -> SystemRating:
    content, style = (
        rating_matrix(participants, key, method.key, question) for question in ("content", "style")
    )
    counts = [int(np.isfinite(each).sum()) for each in (content, style)]
    means = [_mean(each) for each in (content, style)]
    # The same participants and songs are drawn for both questions, so that their balance can be resampled.
    draws = [crossed_bootstrap_means(each, seed, _RESAMPLES) for each in (content, style)]
    return SystemRating(
        method,
        _estimate(means[0], draws[0], counts[0]),
        _estimate(means[1], draws[1], counts[1]),
        _estimate(harmonic_mean(*means), harmonic_mean(*draws), min(counts)),
        sum(counts),
    )


def _mean(ratings: np.ndarray) -> np.ndarray:
    """Mean of the known ratings, a scalar array; NaN without any."""
    known = ratings[np.isfinite(ratings)]
    return np.asarray(known.mean() if known.size else np.nan)


def _estimate(mean: np.ndarray, draws: np.ndarray, ratings: int) -> Estimate | None:
    """Mean and percentile interval; None without ratings, and no interval of a single one."""
    if not ratings:
        return None
    if ratings == 1:
        return Estimate(float(mean))
    low, high = np.quantile(draws[np.isfinite(draws)], [0.025, 0.975])
    return Estimate(float(mean), float(low), float(high))
