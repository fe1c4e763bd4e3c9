"""Triplets of windows that say what timbre is: the same instrument is near, the same notes are not.

Anchor and positive are one instrument in two pieces; the negative is another instrument in the first piece.
Whoever compares notes gets every one of them wrong.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence

import numpy as np

_FILTER = 1.0

Embed = Callable[[np.ndarray], np.ndarray]
"""Windows [n, frames, 12] to points [n, d]."""


@dataclasses.dataclass(frozen=True)
class Recording:
    """One piece, played by one instrument or band.

    Attributes:
        piece: the score's name; excerpts of one work are `WORK-from8` and the like.
        instrument: the instrument's or the band's.
        windows: MFCCs, float32 [n, frames, 12], n at least 1, see `embedding.mfcc_windows`.
    """

    piece: str
    instrument: str
    windows: np.ndarray

    @property
    def work(self) -> str:
        """Name of the score, which all of its excerpts share."""
        return self.piece.partition("-from")[0]


def hold_out(names: Iterable[str], share: float, seed: int) -> set[str]:
    """A random part of some names, for validation; the same for the same names and seed."""
    ordered = sorted(set(names))
    return set(np.random.default_rng(seed).permutation(ordered)[: round(share * len(ordered))].tolist())


def chosen(recordings: Sequence[Recording], works: set[str], instruments: set[str]) -> list[Recording]:
    """The recordings of these works by these instruments."""
    return [each for each in recordings if each.work in works and each.instrument in instruments]


def with_virtual(
    windows: np.ndarray, labels: np.ndarray, deviation: np.ndarray, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A batch, and the same once more by instruments that do not exist.

    Every instrument goes through a filter of its own, which adds a constant to MFCCs. A few instruments alone
    teach a network to name these, and every new one is taken for one of them.

    Args:
        windows: float32 [batch, frames, 12].
        labels: instrument and piece, int32 [batch, 2].
        deviation: of every MFCC in the training songs, [12]: how strong filters are.
        random: chooses the filters.

    Returns:
        Twice as many of both.
    """
    filters = _FILTER * deviation * random.standard_normal((labels[:, 0].max() + 1, len(deviation)))
    filtered = windows + filters[labels[:, 0], None].astype(np.float32)
    others = labels + np.array([labels[:, 0].max() + 1, 0])
    return np.concatenate([windows, filtered]), np.concatenate([labels, others]).astype(np.int32)


def hard_triplets(recordings: Sequence[Recording], count: int, seed: int) -> np.ndarray | None:
    """Random triplets of windows.

    Args:
        recordings: of several pieces by several instruments.
        count: of triplets.
        seed: of the choice.

    Returns:
        float32 [3, count, frames, 12]: anchors, positives, negatives; None when these recordings have no
        triplet.
    """
    choices = [choice for choice in (_partners(recordings, anchor) for anchor in recordings) if choice]
    if not choices:
        return None
    random = np.random.default_rng(seed)
    triplets = []
    for index in random.integers(len(choices), size=count):
        anchor, positives, negatives = choices[index]
        trio = [
            anchor,
            positives[random.integers(len(positives))],
            negatives[random.integers(len(negatives))],
        ]
        triplets.append([each.windows[random.integers(len(each.windows))] for each in trio])
    return np.array(triplets).swapaxes(0, 1)


def triplet_accuracy(embed: Embed, triplets: np.ndarray) -> float:
    """Fraction of triplets whose positive is nearer to the anchor than the negative (chance 0.5)."""
    anchor, positive, negative = map(embed, triplets)
    near = np.sum((anchor - positive) ** 2, axis=1)
    return float(np.mean(near < np.sum((anchor - negative) ** 2, axis=1)))


class Batches:
    """Endless training batches: some pieces, each played by many instruments, so that every anchor finds hard
    negatives in its batch.
    """

    def __init__(self, recordings: Sequence[Recording], seed: int, instruments: int = 16) -> None:
        """`instruments` is how many are in a batch, at most."""
        self._table = {(each.instrument, each.piece): each.windows for each in recordings}
        self._instruments = sorted({each.instrument for each in recordings})
        self._pieces = sorted({each.piece for each in recordings})
        self._width = min(instruments, len(self._instruments))
        self._random = np.random.default_rng(seed)

    def take(self, pieces: int = 4) -> tuple[np.ndarray, np.ndarray]:
        """One batch: a window of each recording of `pieces` random pieces by random instruments.

        Returns:
            float32 [batch, frames, 12], and the numbers of instrument and piece, int32 [batch, 2].
        """
        played = self._random.permutation(len(self._pieces))[:pieces]
        players = self._random.permutation(len(self._instruments))[: self._width]
        windows, labels = [], []
        for player, piece in ((player, piece) for player in players for piece in played):
            found = self._table.get((self._instruments[player], self._pieces[piece]))
            if found is not None:
                windows.append(found[self._random.integers(len(found))])
                labels.append((player, piece))
        return np.array(windows), np.array(labels, np.int32)


def _partners(
    recordings: Sequence[Recording], anchor: Recording
) -> tuple[Recording, list[Recording], list[Recording]] | None:
    """An anchor, its possible positives and its possible hard negatives, if there are both."""
    positives = [
        each for each in recordings if each.instrument == anchor.instrument and each.piece != anchor.piece
    ]
    negatives = [
        each for each in recordings if each.instrument != anchor.instrument and each.piece == anchor.piece
    ]
    return (anchor, positives, negatives) if positives and negatives else None
