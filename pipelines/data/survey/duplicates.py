"""Duplicate recordings, found by looking up every song's fingerprint in one sorted index of all songs."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np

from pipelines.data.survey.frames import FRAME_RATE
from pipelines.data.survey.landmarks import Landmarks

MIN_SHARE = 0.05
"""Smallest part of the shorter song's landmarks that duplicates have in common at one offset."""
_MIN_LANDMARKS = 30
_MAX_LOOKUPS = 400_000
"""Largest number of index entries that one song is compared with; its most frequent landmarks are skipped."""
_MAX_OFFSET = 1 << 21
"""Upper bound of the offset between two songs, frames: more than thirteen hours."""


@dataclasses.dataclass(frozen=True)
class Match:
    """Two songs that are the same recording, or one a part of the other.

    Attributes:
        first: index of a song.
        second: index of another one, larger.
        share: part of the shorter one's landmarks that both have, 0 to 1.
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
    def from_songs(cls, songs: Sequence[Landmarks]) -> _Index:
        """Index of the landmarks of all songs."""
        hashes = np.concatenate([song.hashes for song in songs])
        order = np.argsort(hashes, kind="stable")
        owners = np.repeat(np.arange(len(songs), dtype=np.int32), [len(song.hashes) for song in songs])
        times = np.concatenate([song.times for song in songs])
        return cls(hashes[order], owners[order], times[order])


def find(songs: Sequence[Landmarks]) -> list[Match]:
    """All pairs with `MIN_SHARE` of their landmarks in common.

    Time and memory are linear in the number of landmarks: songs are not compared pair by pair.

    Args:
        songs: fingerprints.

    Returns:
        Matches in the order of the songs.
    """
    if not songs:
        return []
    index, sizes = _Index.from_songs(songs), np.array([len(song.hashes) for song in songs])
    found = []
    for number, song in enumerate(songs):
        for other, votes, offset, used in _candidates(index, number, song):
            share = votes / max(used * min(sizes[number], sizes[other]), 1)
            if votes >= _MIN_LANDMARKS and share >= MIN_SHARE:
                found.append(Match(number, other, min(float(share), 1.0), offset))
    return found


def _candidates(index: _Index, number: int, song: Landmarks) -> Iterator[tuple[int, int, float, float]]:
    """Later songs that share landmarks: song, votes at its best offset, offset in s, part looked up."""
    own, entries, used = _look_up(index, song)
    later = index.owners[entries] > number
    own, entries = own[later], entries[later]
    ahead = index.times[entries].astype(np.int64) - song.times[own]
    keys, votes = np.unique(
        index.owners[entries] * np.int64(2 * _MAX_OFFSET) + ahead + _MAX_OFFSET, return_counts=True
    )
    # The offset of two copies is rarely a multiple of a frame: votes are split between two neighbours.
    votes = votes + np.where(np.diff(keys, append=-2) == 1, np.roll(votes, -1), 0)
    others = keys // (2 * _MAX_OFFSET)
    order = np.lexsort((-votes, others))
    for best in order[np.flatnonzero(np.diff(others[order], prepend=-1))]:
        offset = (int(keys[best]) % (2 * _MAX_OFFSET) - _MAX_OFFSET) / FRAME_RATE
        yield int(others[best]), int(votes[best]), offset, used


def _look_up(index: _Index, song: Landmarks) -> tuple[np.ndarray, np.ndarray, float]:
    """Pairs of a landmark of the song and an entry of the index with its hash, rare hashes first.

    Returns:
        Both as positions [pairs], and the part of the song's landmarks that were looked up.
    """
    starts = np.searchsorted(index.hashes, song.hashes, "left")
    sizes = np.searchsorted(index.hashes, song.hashes, "right") - starts
    rarest = np.argsort(sizes, kind="stable")
    kept = rarest[np.cumsum(sizes[rarest]) <= _MAX_LOOKUPS]
    starts, sizes = starts[kept], sizes[kept]
    ends = np.cumsum(sizes)
    entries = np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - (ends - sizes), sizes)
    return np.repeat(kept, sizes), entries, len(kept) / max(len(song.hashes), 1)
