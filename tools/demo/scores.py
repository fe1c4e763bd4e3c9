"""Scores of the demo: errors of covers and baselines to the ground truth, and the check of its claim."""

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
AT_ONCE, TWO_MINUTES = "Coverband, nothing trained", "Coverband, two minutes from the base"
"""Rows. The oracle is the ground truth after a mel round trip, an upper bound for mel-based systems."""

NEARER = 0.1
"""Least relative reduction of the error against both baselines."""

CHROMA_LOSS = 0.05
"""Largest loss of chroma similarity to the truth against copying the source."""

_HEADER = (
    "| | log-mel error to the truth, dB | chroma to the source | chroma to the truth |\n|---|---|---|---|"
)


@dataclasses.dataclass(frozen=True)
class Score:
    """Scores of one system on one piece.

    Attributes:
        error: mean absolute difference of the log-mels to those of the truth, dB, at equal loudness.
        chroma_to_source: chroma similarity to the source.
        chroma_to_truth: chroma similarity to the truth.
    """

    error: float
    chroma_to_source: float
    chroma_to_truth: float


@dataclasses.dataclass(frozen=True)
class ClaimCheck:
    """Result of the check of the demo's claim.

    Attributes:
        holds: True if our error is below both baselines' by `NEARER`, and the chroma loss is at most
            `CHROMA_LOSS`.
        sentence: result in words, with the numbers.
    """

    holds: bool
    sentence: str


@dataclasses.dataclass(frozen=True)
class Table:
    """Scores of all pieces.

    Attributes:
        pieces: scores by the name of the piece and of the row.
    """

    pieces: Mapping[str, Mapping[str, Score]]

    @property
    def means(self) -> dict[str, Score]:
        """Mean scores over the pieces, by row."""
        scores = list(self.pieces.values())
        return {row: _mean([piece[row] for piece in scores]) for row in scores[0]}

    def mean_markdown(self) -> str:
        """Mean scores as a Markdown table."""
        return f"Held-out pieces, mean of {len(self.pieces)}:\n\n{_markdown(self.means)}\n"

    def markdown(self) -> str:
        """Mean scores, and those of every piece, as Markdown tables."""
        pieces = (f"{name}:\n\n{_markdown(scores)}\n" for name, scores in self.pieces.items())
        return "\n".join([self.mean_markdown(), *pieces])

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        plain = {name: _plain(scores) for name, scores in self.pieces.items()}
        return {
            "mean": _plain(self.means),
            "pieces": plain,
            "verdict": dataclasses.asdict(self.check_claim()),
        }

    def check_claim(self) -> ClaimCheck:
        """Check of the demo's claim, by the mean scores."""
        means = self.means
        ours = means[OURS]
        shares = {row: 1 - ours.error / means[row].error for row in (COPY, EQ_MATCH)}
        lost = means[COPY].chroma_to_truth - ours.chroma_to_truth
        nearer, kept = min(shares.values()) >= NEARER, lost <= CHROMA_LOSS
        compared = " and ".join(
            f"{abs(100 * share):.0f} % {'below' if share > 0 else 'above'} {row} ({means[row].error:.2f} dB)"
            for row, share in shares.items()
        )
        return ClaimCheck(
            nearer and kept,
            f"the cover's error to the truth is {ours.error:.2f} dB, {compared}; its chroma to the truth is "
            f"{ours.chroma_to_truth:.3f}, the source's {means[COPY].chroma_to_truth:.3f}: "
            f"{_claims(nearer, kept)}",
        )


def measure(spec: AudioSpec, waveform: np.ndarray, source: np.ndarray, truth: np.ndarray) -> Score:
    """Scores of one recording of a piece.

    Args:
        spec: audio spec.
        waveform: float32 [samples], at the loudness of the others.
        source: float32 [samples].
        truth: float32 [samples].
    """
    length = min(map(len, (waveform, source, truth)))
    log_mels = (baselines.log_mel(spec, each[:length]) for each in (truth, waveform))
    return Score(
        log_mel_error_db(spec, *log_mels),
        chroma_similarity(source[:length], waveform[:length], spec.sample_rate),
        chroma_similarity(truth[:length], waveform[:length], spec.sample_rate),
    )


def _claims(nearer: bool, kept: bool) -> str:
    """Result in words."""
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
