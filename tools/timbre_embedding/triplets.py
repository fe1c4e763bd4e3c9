"""Triplets of MFCC windows for metric learning of timbre.

Anchor and positive are one instrument in two pieces; the negative is another instrument in the first piece.
An embedding of notes instead of timbre has an accuracy of 0.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Sequence

import numpy as np

_FILTER = 1.0

Embed = Callable[[np.ndarray], np.ndarray]
"""Windows [n, frames, 12] to points [n, d]."""


@dataclasses.dataclass(frozen=True)
class Recording:
    """Recording of one piece by one instrument or band.

    Attributes:
        piece: name of the score; excerpts of a work have names like `WORK-from8`.
        instrument: name of the instrument or band.
        windows: MFCCs, float32 [n, frames, 12], n at least 1, see `embedding.mfcc_windows`.
    """

    piece: str
    instrument: str
    windows: np.ndarray

    @property
    def work(self) -> str:
        """Name of the work, common to all of its excerpts."""
        return self.piece.partition("-from")[0]


def hold_out(names: Iterable[str], share: float, seed: int) -> set[str]:
    """Random subset of names for validation, which depends on names and seed only."""
    ordered = sorted(set(names))
    return set(np.random.default_rng(seed).permutation(ordered)[: round(share * len(ordered))].tolist())


def select(recordings: Sequence[Recording], works: set[str], instruments: set[str]) -> list[Recording]:
    """Recordings of some works by some instruments."""
    return [each for each in recordings if each.work in works and each.instrument in instruments]


def with_virtual(
    windows: np.ndarray, labels: np.ndarray, deviation: np.ndarray, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Batch with a copy by virtual instruments.

    A filter per instrument, which adds a constant to its MFCCs, makes a virtual instrument. Without them, a
    network classifies the few training instruments, and maps every new one to one of them.

    Args:
        windows: float32 [batch, frames, 12].
        labels: instrument and piece, int32 [batch, 2].
        deviation: standard deviation of the MFCCs of the training recordings, [12], which scales the filters.
        random: random generator.

    Returns:
        Windows and labels, of twice the batch size.
    """
    filters = _FILTER * deviation * random.standard_normal((labels[:, 0].max() + 1, len(deviation)))
    filtered = windows + filters[labels[:, 0], None].astype(np.float32)
    others = labels + np.array([labels[:, 0].max() + 1, 0])
    return np.concatenate([windows, filtered]), np.concatenate([labels, others]).astype(np.int32)


def hard_triplets(recordings: Sequence[Recording], count: int, seed: int) -> np.ndarray | None:
    """Random triplets of windows with hard negatives.

    Args:
        recordings: recordings of several pieces by several instruments.
        count: number of triplets.
        seed: random seed.

    Returns:
        float32 [3, count, frames, 12]: anchors, positives, negatives; None if the recordings have no triplet.
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
    """Endless training batches of pieces by many instruments, so that every anchor has hard negatives."""

    def __init__(self, recordings: Sequence[Recording], seed: int, instruments: int = 16) -> None:
        """Creates the batches.

        Args:
            recordings: training recordings.
            seed: random seed.
            instruments: largest number of instruments in a batch.
        """
        self._table = {(each.instrument, each.piece): each.windows for each in recordings}
        self._instruments = sorted({each.instrument for each in recordings})
        self._pieces = sorted({each.piece for each in recordings})
        self._width = min(instruments, len(self._instruments))
        self._random = np.random.default_rng(seed)

    def next_batch(self, pieces: int = 4) -> tuple[np.ndarray, np.ndarray]:
        """Batch of a random window of each recording of some pieces by some instruments.

        Args:
            pieces: number of random pieces.

        Returns:
            Windows float32 [batch, frames, 12], and indices of instrument and piece, int32 [batch, 2].
        """
        chosen_pieces = self._random.permutation(len(self._pieces))[:pieces]
        instruments = self._random.permutation(len(self._instruments))[: self._width]
        windows, labels = [], []
        for instrument, piece in itertools.product(instruments, chosen_pieces):
            found = self._table.get((self._instruments[instrument], self._pieces[piece]))
            if found is not None:
                windows.append(found[self._random.integers(len(found))])
                labels.append((instrument, piece))
        return np.array(windows), np.array(labels, np.int32)


def _partners(
    recordings: Sequence[Recording], anchor: Recording
) -> tuple[Recording, list[Recording], list[Recording]] | None:
    """An anchor with its positives and hard negatives; None unless it has both."""
    positives = [
        each for each in recordings if each.instrument == anchor.instrument and each.piece != anchor.piece
    ]
    negatives = [
        each for each in recordings if each.instrument != anchor.instrument and each.piece == anchor.piece
    ]
    return (anchor, positives, negatives) if positives and negatives else None
