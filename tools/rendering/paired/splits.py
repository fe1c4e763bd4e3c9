"""Deals tunes out to the benchmark's domains.

Every tune is dealt to one domain only. Each domain gets its share of every kind of piece, and tempi and
lengths are drawn alike, so that nothing but the sound tells one domain from another.
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
_MOST_OF_A_TUNE = 12
# What is measured on them treats their pieces as independent.
_ONCE = ("test", "judge")


@dataclasses.dataclass(frozen=True)
class Take:
    """An excerpt, and how fast: quarter notes a minute."""

    work: Work
    piece: Piece
    tempo: float


def deal(works: Sequence[Work], wanted: Mapping[str, int], chance: random.Random) -> dict[str, list[Take]]:
    """The pieces of every domain, of each kind its share.

    Args:
        works: enough of them.
        wanted: pieces of each domain.
        chance: draws the tunes, the tempi and the excerpts.

    Raises:
        UserError: if there are too few tunes.
    """
    dealt: dict[str, list[Take]] = {domain: [] for domain in wanted}
    for kind in KINDS:
        tunes = _tunes([work for work in works if work.kind == kind])
        chance.shuffle(tunes)
        shares = {domain: _share(kind, number) for domain, number in wanted.items()}
        for domain, takes in _fill(tunes, shares, chance.random()).items():
            dealt[domain] += takes
    return dealt


def _share(kind: str, number: int) -> int:
    chorales = round(number * _CHORALES)
    return chorales if kind == "chorale" else number - chorales


def _fill(tunes: Sequence[Sequence[Work]], shares: dict[str, int], seed: float) -> dict[str, list[Take]]:
    """Takes one excerpt of a tune at most, or two, or three, ..., whichever first is enough for all.

    Raises:
        UserError: if nothing is enough.
    """
    for most in range(1, _MOST_OF_A_TUNE + 1):
        chance = random.Random(seed)
        taken: dict[str, list[Take]] = {domain: [] for domain in shares}
        for tune in tunes:
            open_ = [domain for domain, share in shares.items() if len(taken[domain]) < share]
            if not open_:
                return taken
            # Whoever has least of its share chooses next, so that all draw from the same tunes.
            domain = min(open_, key=lambda name: len(taken[name]) / shares[name])
            left = min(1 if domain in _ONCE else most, shares[domain] - len(taken[domain]))
            taken[domain] += itertools.islice(_takes(tune, domain, chance), left)
        if all(len(taken[domain]) == share for domain, share in shares.items()):
            return taken
    raise UserError("music21's corpus has too few tunes for this size: reinstall it, or take a smaller size")


def _takes(tune: Sequence[Work], domain: str, chance: random.Random) -> Iterator[Take]:
    shortest, longest = _SECONDS.get(domain, _SECONDS["song"])
    for work in tune:
        tempo = round(chance.uniform(*_TEMPO), 1)
        for piece in excerpts(work.piece, (shortest * tempo / 60, longest * tempo / 60)):
            yield Take(work, piece, tempo)


def _tunes(works: Sequence[Work]) -> list[list[Work]]:
    """Groups of works that share a tune, in the works' order.

    A work that resembles two groups is left out: it would join them, and chains would tie most chorales
    together.
    """
    groups: list[list[tuple[scores.Tune, Work]]] = []
    for work in works:
        tune = scores.tune(work.piece)
        same = [group for group in groups if any(tune.resembles(other) for other, _ in group)]
        if not same:
            groups.append([(tune, work)])
        elif len(same) == 1:
            same[0].append((tune, work))
    return [[work for _, work in group] for group in groups]
