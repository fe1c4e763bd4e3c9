"""Seeded splits by song, in which every package has its share of the held-out songs."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Iterable, Sequence

from tools.benchmarks.real.songs import Song

_LEAST_SHARE = 4
"""Songs in a domain for each song of its test split, at least; and for each of its valid split."""


@dataclasses.dataclass(frozen=True)
class SplitSizes:
    """Numbers of held-out songs.

    Attributes:
        test: number of songs in the test split.
        valid: number of songs in the valid split.
    """

    test: int
    valid: int

    def limited(self, songs: int) -> SplitSizes:
        """Smaller numbers for a domain of few songs, of which at least half are left to train on."""
        return SplitSizes(min(self.test, songs // _LEAST_SHARE), min(self.valid, songs // _LEAST_SHARE))


CONTENT_SIZES, BAND_SIZES = SplitSizes(test=8, valid=4), SplitSizes(test=3, valid=2)


def split(songs: Sequence[Song], sizes: SplitSizes, seed: int) -> dict[str, list[Song]]:
    """Songs of train, valid and test; a song more or less in the packages moves few others.

    Args:
        songs: of one domain.
        sizes: numbers of held-out songs, smaller for few songs; valid and test cover as many packages as
            they have songs.
        seed: of the choice.
    """
    sizes = sizes.limited(len(songs))
    ranked = spread(songs, seed)
    test, rest = ranked[: sizes.test], spread(ranked[sizes.test :], seed)
    return {"train": rest[sizes.valid :], "valid": rest[: sizes.valid], "test": test}


def shortened(songs: Sequence[Song], minutes: float, seed: int) -> list[Song]:
    """Whole songs of about this length in all, from as many packages as possible.

    Args:
        songs: to choose from.
        minutes: wanted length; a song is taken if the sum is nearer to it with the song than without.
        seed: of the choice.
    """
    chosen: list[Song] = []
    missing = minutes * 60
    for song in spread(songs, seed):
        if abs(missing - song.seconds) < abs(missing):
            chosen.append(song)
            missing -= song.seconds
    return chosen


def spread(songs: Iterable[Song], seed: int) -> list[Song]:
    """Songs in a seeded order: one of each package, then all others."""
    ranked = sorted(songs, key=lambda song: _rank(song, seed))
    firsts = list({song.package: song for song in reversed(ranked)}.values())
    firsts.sort(key=lambda song: _rank(song, seed))
    return firsts + [song for song in ranked if song not in firsts]


def _rank(song: Song, seed: int) -> str:
    return hashlib.sha256(os.fsencode(f"{seed}/{song.package}/{song.name}")).hexdigest()
