"""Deals works out to the splits, and chooses how often each is played."""

from __future__ import annotations

import dataclasses
import itertools
import random
from collections.abc import Iterable, Sequence

from pipelines.errors import UserError
from tools.rendering import scores
from tools.rendering.repertoire import Work
from tools.rendering.transcription.sources import SHARES

SPLITS = {"test": 0.13, "valid": 0.1, "train": 0.77}
"""Of the lessons. What comes later has no tune of what comes before."""


@dataclasses.dataclass(frozen=True)
class Size:
    """Size of the transcription data.

    Attributes:
        lessons: of all splits together.
        scores: see `sources.sources`.
    """

    lessons: int
    scores: int


SIZES = {"small": Size(300, 260), "full": Size(1500, 1000)}
"""By name; small is more than an hour of sound, full five times that."""


@dataclasses.dataclass(frozen=True)
class Take:
    """A work that is to be played once, and where it belongs."""

    split: str
    work: Work


def deal(works: Iterable[Work], lessons: int, seed: int) -> list[Take]:
    """Takes to render, with the kinds of works mixed in every split.

    Args:
        works: that may be taught.
        lessons: wanted.
        seed: the same seed deals alike.

    Raises:
        UserError: if there are too few works.
    """
    chance = random.Random(f"coverband lessons {seed}")
    dealt = _disjoint(list(works), chance)
    takes = [take for split, group in dealt.items() for take in _takes(split, group, lessons)]
    chance.shuffle(takes)
    return takes


def _disjoint(works: list[Work], chance: random.Random) -> dict[str, list[Work]]:
    """The works of every split; what resembles a tune of an earlier split is left out."""
    chance.shuffle(works)
    dealt: dict[str, list[Work]] = {split: [] for split in SPLITS}
    for kind in SHARES:
        group = [work for work in works if work.kind == kind]
        ends = [round(len(group) * share) for share in itertools.accumulate(SPLITS.values())]
        for split, start, end in zip(SPLITS, [0, *ends], ends, strict=False):
            dealt[split] += group[start:end]
    taken: list[scores.Tune] = []
    for split, group in dealt.items():
        tunes = [(scores.tune(work.piece), work) for work in group]
        kept = [(tune, work) for tune, work in tunes if not any(tune.resembles(other) for other in taken)]
        dealt[split] = [work for _, work in kept]
        taken += [tune for tune, _ in kept]
    return dealt


def _takes(split: str, works: Sequence[Work], lessons: int) -> list[Take]:
    """Of each kind its share, all its works in turn.

    Raises:
        UserError: if there is nothing to play.
    """
    kinds = {kind: [work for work in works if work.kind == kind] for kind in SHARES}
    shares = {kind: SHARES[kind] for kind, group in kinds.items() if group}
    if not shares:
        raise UserError("music21's corpus has too few scores for the lessons: reinstall it")
    wanted = lessons * SPLITS[split] / sum(shares.values())
    return [
        Take(split, work)
        for kind, share in shares.items()
        for work in itertools.islice(itertools.cycle(kinds[kind]), round(wanted * share))
    ]
