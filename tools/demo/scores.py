"""The demo's table: how near to the truth each way of playing the held-out pieces comes, and the verdict."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from pipelines.audio.spec import AudioSpec
from pipelines.evaluation import baselines
from pipelines.metrics.distances import chroma_similarity, log_mel_error_db

COPY, EQ_MATCH, ORACLE = "copy the source", "EQ match", "oracle"
OURS, OTHER = "Coverband, VAE-GAN", "Coverband, CycleGAN"
"""The rows. The oracle is the truth itself through our mel and inverter: no translator can do better."""

NEARER = 0.1
"""Our error must be smaller than either baseline's by this share at least."""

CHROMA_LOSS = 0.05
"""Chroma to the truth may be so much below that of copying the source, at most."""

_HEADER = (
    "| | log-mel error to the truth, dB | chroma to the source | chroma to the truth |\n|---|---|---|---|"
)


@dataclasses.dataclass(frozen=True)
class Score:
    """One row on one piece.

    Attributes:
        error: mean |difference| of the log-mels to the truth's, dB, both at one loudness.
        chroma_to_source: see `chroma_similarity`.
        chroma_to_truth: likewise.
    """

    error: float
    chroma_to_source: float
    chroma_to_truth: float


@dataclasses.dataclass(frozen=True)
class Verdict:
    """Verdict on the demo's claim.

    Attributes:
        holds: True if ours is nearer to the truth than both baselines by `NEARER`, and the tune is kept.
        sentence: the verdict in words, with the numbers.
    """

    holds: bool
    sentence: str


@dataclasses.dataclass(frozen=True)
class Table:
    """All scores.

    Attributes:
        pieces: by the piece's name and the row's.
    """

    pieces: Mapping[str, Mapping[str, Score]]

    @property
    def means(self) -> dict[str, Score]:
        """Every row, meaned over the pieces."""
        scores = list(self.pieces.values())
        return {row: _mean([piece[row] for piece in scores]) for row in scores[0]}

    def mean_markdown(self) -> str:
        """The rows' means as a Markdown table."""
        return f"Held-out pieces, mean of {len(self.pieces)}:\n\n{_markdown(self.means)}\n"

    def markdown(self) -> str:
        """The means, and every piece, as Markdown tables."""
        pieces = (f"{name}:\n\n{_markdown(scores)}\n" for name, scores in self.pieces.items())
        return "\n".join([self.mean_markdown(), *pieces])

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, the verdict with them."""
        plain = {name: _plain(scores) for name, scores in self.pieces.items()}
        return {"mean": _plain(self.means), "pieces": plain, "verdict": dataclasses.asdict(self.verdict())}

    def verdict(self) -> Verdict:
        """Verdict on the demo's claim, by the means over the pieces."""
        means = self.means
        ours = means[OURS]
        shares = {row: 1 - ours.error / means[row].error for row in (COPY, EQ_MATCH)}
        lost = means[COPY].chroma_to_truth - ours.chroma_to_truth
        nearer, kept = min(shares.values()) >= NEARER, lost <= CHROMA_LOSS
        compared = " and ".join(
            f"{abs(100 * share):.0f} % {'below' if share > 0 else 'above'} {row} ({means[row].error:.2f} dB)"
            for row, share in shares.items()
        )
        return Verdict(
            nearer and kept,
            f"the cover's error to the truth is {ours.error:.2f} dB, {compared}; its chroma to the truth is "
            f"{ours.chroma_to_truth:.3f}, the source's {means[COPY].chroma_to_truth:.3f}: "
            f"{_claims(nearer, kept)}",
        )


def measure(spec: AudioSpec, sound: np.ndarray, source: np.ndarray, truth: np.ndarray) -> Score:
    """Scores one recording of a piece.

    Args:
        spec: gives sample rate and log-mel.
        sound: float32 [samples], at the loudness of the others.
        source: float32 [samples].
        truth: float32 [samples].
    """
    length = min(map(len, (sound, source, truth)))
    log_mels = (baselines.log_mel(spec, each[:length]) for each in (truth, sound))
    return Score(
        log_mel_error_db(spec, *log_mels),
        chroma_similarity(source[:length], sound[:length], spec.sample_rate),
        chroma_similarity(truth[:length], sound[:length], spec.sample_rate),
    )


def _claims(nearer: bool, kept: bool) -> str:
    """The verdict in words."""
    first = f"nearer by {100 * NEARER:.0f} % or more" if nearer else f"not nearer by {100 * NEARER:.0f} %"
    return f"{first}, and the tune is {'kept' if kept else 'lost'}"


def _mean(scores: Iterable[Score]) -> Score:
    return Score(*np.mean([dataclasses.astuple(score) for score in scores], axis=0).tolist())


def _markdown(scores: Mapping[str, Score]) -> str:
    return "\n".join([_HEADER, *_lines(scores)])


def _lines(scores: Mapping[str, Score]) -> Iterator[str]:
    for row, score in scores.items():
        yield f"| {row} | {score.error:.2f} | {score.chroma_to_source:.3f} | {score.chroma_to_truth:.3f} |"


def _plain(scores: Mapping[str, Score]) -> dict[str, dict[str, float]]:
    return {row: dataclasses.asdict(score) for row, score in scores.items()}
