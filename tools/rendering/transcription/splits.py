"""Splits of the transcription data: disjoint sets of works, and the number of recordings of each work."""

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
"""Share of the recordings by split. Later splits contain no tune of earlier ones."""


@dataclasses.dataclass(frozen=True)
class Size:
    """Size of the transcription data.

    Attributes:
        recordings: number of recordings of all splits.
        scores: limit of the number of scores, see `sources.sources`.
    """

    recordings: int
    scores: int


SIZES = {"small": Size(300, 260), "full": Size(1500, 1000)}
"""Size by name; small is more than an hour of audio, full five times that."""


@dataclasses.dataclass(frozen=True)
class SplitWork:
    """Work of one recording, with its split."""

    split: str
    work: Work


def split_works(works: Iterable[Work], recordings: int, seed: int) -> list[SplitWork]:
    """Works of all recordings in random order, with fixed proportions of kinds in every split.

    Args:
        works: works to choose from.
        recordings: number of recordings.
        seed: random seed.

    Raises:
        UserError: if there are too few works.
    """
    # The word is part of the seed, on which the rendered corpus and its published numbers depend.
    rng = random.Random(f"coverband lessons {seed}")
    splits = _disjoint(list(works), rng)
    chosen = [each for split, group in splits.items() for each in _of_split(split, group, recordings)]
    rng.shuffle(chosen)
    return chosen


def _disjoint(works: list[Work], rng: random.Random) -> dict[str, list[Work]]:
    """Works by split; those that resemble a tune of an earlier split are left out."""
    rng.shuffle(works)
    splits: dict[str, list[Work]] = {split: [] for split in SPLITS}
    for kind in SHARES:
        group = [work for work in works if work.kind == kind]
        ends = [round(len(group) * share) for share in itertools.accumulate(SPLITS.values())]
        for split, start, end in zip(SPLITS, [0, *ends], ends, strict=False):
            splits[split] += group[start:end]
    used: list[scores.Tune] = []
    for split, group in splits.items():
        tunes = [(scores.tune(work.piece), work) for work in group]
        kept = [(tune, work) for tune, work in tunes if not any(tune.resembles(other) for other in used)]
        splits[split] = [work for _, work in kept]
        used += [tune for tune, _ in kept]
    return splits


def _of_split(split: str, works: Sequence[Work], recordings: int) -> list[SplitWork]:
    """Works of the recordings of a split, which cycle over the works of each kind.

    Raises:
        UserError: if there are no works.
    """
    kinds = {kind: [work for work in works if work.kind == kind] for kind in SHARES}
    shares = {kind: SHARES[kind] for kind, group in kinds.items() if group}
    if not shares:
        raise UserError("music21's corpus has too few scores for the transcription data: reinstall it")
    factor = recordings * SPLITS[split] / sum(shares.values())
    return [
        SplitWork(split, work)
        for kind, share in shares.items()
        for work in itertools.islice(itertools.cycle(kinds[kind]), round(factor * share))
    ]
