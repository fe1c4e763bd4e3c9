"""The same recording twice: every song's fingerprint is looked up in one sorted index of all."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np

from pipelines.data.survey.frames import FRAME_RATE
from pipelines.data.survey.landmarks import Landmarks

LEAST_SHARE = 0.05
"""Of the shorter song's landmarks, which two recordings have in common at one offset."""
_FEWEST = 30
_LOOKUPS = 400_000
"""Entries of the index that one song is compared with; its commonest landmarks give way first."""
_OFFSETS = 1 << 21
"""More frames than there are in thirteen hours."""


@dataclasses.dataclass(frozen=True)
class Match:
    """Two songs that are the same recording, or one a part of the other.

    Attributes:
        first: index of a song.
        second: index of another one, larger.
        share: of the shorter one's landmarks that both have, 0 to 1.
        offset: seconds into the second at which the first begins.
    """

    first: int
    second: int
    share: float
    offset: float


@dataclasses.dataclass(frozen=True)
class _Index:
    """The landmarks of all songs, sorted by hash: arrays [n]."""

    hashes: np.ndarray
    owners: np.ndarray
    times: np.ndarray

    @classmethod
    def of(cls, songs: Sequence[Landmarks]) -> _Index:
        """Sorts them."""
        hashes = np.concatenate([song.hashes for song in songs])
        order = np.argsort(hashes, kind="stable")
        owners = np.repeat(np.arange(len(songs), dtype=np.int32), [len(song.hashes) for song in songs])
        times = np.concatenate([song.times for song in songs])
        return cls(hashes[order], owners[order], times[order])


def find(songs: Sequence[Landmarks]) -> list[Match]:
    """All pairs with `LEAST_SHARE` of their landmarks in common.

    Time grows with the number of landmarks, memory too; no two songs are compared with each other.

    Args:
        songs: fingerprints.

    Returns:
        In the order of the songs.
    """
    if not songs:
        return []
    index, sizes = _Index.of(songs), np.array([len(song.hashes) for song in songs])
    found = []
    for number, song in enumerate(songs):
        for other, votes, offset, used in _candidates(index, number, song):
            share = votes / max(used * min(sizes[number], sizes[other]), 1)
            if votes >= _FEWEST and share >= LEAST_SHARE:
                found.append(Match(number, other, min(float(share), 1.0), offset))
    return found


def _candidates(index: _Index, number: int, song: Landmarks) -> Iterator[tuple[int, int, float, float]]:
    """Later songs with landmarks of this one: which, how many at one offset, that, the part looked up."""
    mine, entries, used = _looked_up(index, song)
    later = index.owners[entries] > number
    mine, entries = mine[later], entries[later]
    ahead = index.times[entries].astype(np.int64) - song.times[mine]
    keys, votes = np.unique(
        index.owners[entries] * np.int64(2 * _OFFSETS) + ahead + _OFFSETS, return_counts=True
    )
    # Two copies rarely start at a multiple of a frame: their offsets fall into two neighbouring ones.
    votes = votes + np.where(np.diff(keys, append=-2) == 1, np.roll(votes, -1), 0)
    others = keys // (2 * _OFFSETS)
    order = np.lexsort((-votes, others))
    for best in order[np.flatnonzero(np.diff(others[order], prepend=-1))]:
        offset = (int(keys[best]) % (2 * _OFFSETS) - _OFFSETS) / FRAME_RATE
        yield int(others[best]), int(votes[best]), offset, used


def _looked_up(index: _Index, song: Landmarks) -> tuple[np.ndarray, np.ndarray, float]:
    """Pairs of a landmark of the song and an entry of the index with its hash, rare ones first.

    Returns:
        Both as positions [pairs], and the part of the song's landmarks that were looked up.
    """
    starts = np.searchsorted(index.hashes, song.hashes, "left")
    sizes = np.searchsorted(index.hashes, song.hashes, "right") - starts
    rarest = np.argsort(sizes, kind="stable")
    kept = rarest[np.cumsum(sizes[rarest]) <= _LOOKUPS]
    starts, sizes = starts[kept], sizes[kept]
    ends = np.cumsum(sizes)
    entries = np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - (ends - sizes), sizes)
    return np.repeat(kept, sizes), entries, len(kept) / max(len(song.hashes), 1)
