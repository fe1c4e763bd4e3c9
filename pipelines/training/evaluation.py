"""Evaluation of a translator on the validation songs during training, and selection of the best one."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Protocol

from pipelines import console
from pipelines.audio.spec import AudioSpec
from pipelines.training.best import Best
from pipelines.training.protocol import Trainable
from pipelines.training.saving import save_model
from pipelines.training.scores import METRICS


class Scores(Protocol):
    """Evaluator of a translator; see `pipelines.training.judge.Judge`.

    Attributes:
        source: scores of the untranslated sources.
        band: style scores of the band's own validation songs; empty if there are none.
    """

    source: dict[str, float]
    band: dict[str, float]

    def __call__(self) -> dict[str, float]:
        """The scores of the translator as it is now."""
        ...


class Evaluation:
    """Measures the translator from time to time and keeps the best.

    Attributes:
        best: what is kept; None for nothing.
    """

    def __init__(self, judge: Callable[[], Scores], best: Best | None = None) -> None:
        """Nothing is computed yet.

        Args:
            judge: makes what measures the model's translator; called once, by `begin`.
            best: what to keep.
        """
        self._make, self.best = judge, best

    def begin(self) -> str:
        """Measures what stays the same.

        Returns:
            What the scores are to be compared with, in Markdown.
        """
        console.say("measuring the validation songs, which translations will be judged by")
        self._judge = self._make()
        return compared(self._judge.source, self._judge.band)

    def __call__(self, step: int, model: Trainable, spec: AudioSpec) -> dict[str, float]:
        """Measures the model's translator, and keeps it if it is the best.

        Args:
            step: the training step.
            model: whose translator the judge measures.
            spec: of its log-mels.

        Returns:
            Its scores, and the seconds that it took, by name.
        """
        console.say(f"step {step}: measuring translations of the validation songs")
        began = time.monotonic()
        scores = self._judge()
        if self.best is not None:
            self.best.update(step, scores, lambda folder: save_model(folder, model, spec))
        return scores | {"run/evaluation_seconds": time.monotonic() - began}


def compared(source: Mapping[str, float], band: Mapping[str, float]) -> str:
    """The scores of no translation and of the real band, as a Markdown table."""
    lines = ["| metric | better | the sources | the band, other music |", "|---|---|---|---|"]
    for name, metric in METRICS.items():
        better = "more" if metric.larger_is_better else "less"
        lines.append(f"| {name} | {better} | {_cell(source, name)} | {_cell(band, name)} |")
    return "\n".join(lines)


def _cell(values: Mapping[str, float], name: str) -> str:
    return f"{values[name]:.3f}" if name in values else "-"
