"""Splits of the benchmark: excerpts of disjoint sets of tunes for every domain.

Each domain has the same proportions of kinds of pieces, and tempi and lengths have the same distributions, so
that domains differ in their sound only.
"""

from __future__ import annotations

import dataclasses
import itertools
import random
from collections.abc import Iterator, Mapping, Sequence

from pipelines.errors import UserError
from tools.rendering import scores
from tools.rendering.repertoire import KINDS, Work, excerpts
from tools.rendering.scores import Piece

_TEMPO = (63.0, 92.0)
_SECONDS = {"song": (25.0, 34.0), "test": (16.5, 24.0), "judge": (11.5, 18.0)}
_CHORALES = 0.75
_MOST_PER_TUNE = 12
# Statistics over these domains assume independent pieces.
_ONE_PER_TUNE = ("test", "judge")


@dataclasses.dataclass(frozen=True)
class Excerpt:
    """Excerpt of a work, with its tempo in quarter notes per minute."""

    work: Work
    piece: Piece
    tempo: float


def draw_excerpts(
    works: Sequence[Work], counts: Mapping[str, int], rng: random.Random
) -> dict[str, list[Excerpt]]:
    """Excerpts of every domain, with fixed proportions of the kinds of works.

    Args:
        works: works to choose from.
        counts: number of excerpts by domain.
        rng: draws tunes, tempi and excerpts.

    Raises:
        UserError: if there are too few tunes.
    """
    drawn: dict[str, list[Excerpt]] = {domain: [] for domain in counts}
    for kind in KINDS:
        tunes = _tunes([work for work in works if work.kind == kind])
        rng.shuffle(tunes)
        shares = {domain: _share(kind, count) for domain, count in counts.items()}
        for domain, found in _fill(tunes, shares, rng.random()).items():
            drawn[domain] += found
    return drawn


def _share(kind: str, count: int) -> int:
    chorales = round(count * _CHORALES)
    return chorales if kind == "chorale" else count - chorales


def _fill(tunes: Sequence[Sequence[Work]], shares: dict[str, int], seed: float) -> dict[str, list[Excerpt]]:
    """Excerpts of every domain, with the smallest maximum per tune that suffices.

    Raises:
        UserError: if no maximum suffices.
    """
    for most in range(1, _MOST_PER_TUNE + 1):
        rng = random.Random(seed)
        drawn: dict[str, list[Excerpt]] = {domain: [] for domain in shares}
        for tune in tunes:
            incomplete = [domain for domain, share in shares.items() if len(drawn[domain]) < share]
            if not incomplete:
                return drawn
            # The domain with the smallest part of its share is next, so that all draw from the same tunes.
            domain = min(incomplete, key=lambda name: len(drawn[name]) / shares[name])
            count = min(1 if domain in _ONE_PER_TUNE else most, shares[domain] - len(drawn[domain]))
            drawn[domain] += itertools.islice(_excerpts(tune, domain, rng), count)
        if all(len(drawn[domain]) == share for domain, share in shares.items()):
            return drawn
    raise UserError("music21's corpus has too few tunes for this size: reinstall it, or take a smaller size")


def _excerpts(tune: Sequence[Work], domain: str, rng: random.Random) -> Iterator[Excerpt]:
    shortest, longest = _SECONDS.get(domain, _SECONDS["song"])
    for work in tune:
        tempo = round(rng.uniform(*_TEMPO), 1)
        for piece in excerpts(work.piece, (shortest * tempo / 60, longest * tempo / 60)):
            yield Excerpt(work, piece, tempo)


def _tunes(works: Sequence[Work]) -> list[list[Work]]:
    """Groups of works that share a tune, in the order of the works.

    A work that resembles two groups is left out: it would merge them, and chains of such works would merge
    most chorales.
    """
    groups: list[list[tuple[scores.Tune, Work]]] = []
    for work in works:
        tune = scores.tune(work.piece)
        similar = [group for group in groups if any(tune.resembles(other) for other, _ in group)]
        if not similar:
            groups.append([(tune, work)])
        elif len(similar) == 1:
            similar[0].append((tune, work))
    return [[work for _, work in group] for group in groups]
