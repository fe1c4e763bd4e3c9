"""Callback that measures the translator on the validation songs and keeps the best one."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from pipelines import console
from pipelines.training.callbacks.periodic import Periodic
from pipelines.training.evaluator import Evaluator
from pipelines.training.saving import Best
from pipelines.training.scores import METRIC_DESCRIPTIONS, METRICS
from pipelines.training.summaries import Events


class Evaluation(Periodic):
    """Callback that logs the scores of the translator.

    Attributes:
        best: the best translator so far; None to keep none.
    """

    when_interrupted = False

    def __init__(
        self, make: Callable[[], Evaluator], events: Events, every: int = 500, best: Best | None = None
    ) -> None:
        """Prepares; nothing is measured yet.

        Args:
            make: makes the evaluator of the model's translator, when training begins.
            events: event files of the run.
            every: steps between two evaluations; 0 for none.
            best: see the class.
        """
        super().__init__(every)
        self._make, self._events, self.best = make, events, best

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Measures the sources and the band, and logs their scores for comparison."""
        if self.every:
            console.say("measuring the validation songs, the references of the scores")
            self._evaluator = self._make()
            table = _comparison(self._evaluator.source, self._evaluator.band)
            self._events.text(self.step, "about/scores_to_compare_with", table)

    def act(self, step: int) -> None:
        """Measures the translator, and keeps it if it is the best."""
        console.say(f"step {step}: measuring translations of the validation songs")
        began = time.monotonic()
        with self.model.averaged():
            scores = self._evaluator()
            if self.best is not None:
                self.best.update(step, scores, lambda folder: self.model.save_translator(folder))
        scores["run/evaluation_seconds"] = time.monotonic() - began
        self._events.scalars(step, scores, METRIC_DESCRIPTIONS)


def _comparison(source: Mapping[str, float], band: Mapping[str, float]) -> str:
    """Scores of the sources and of the band, as a Markdown table."""
    lines = ["| metric | better | the sources | the band, other music |", "|---|---|---|---|"]
    for name, metric in METRICS.items():
        better = "more" if metric.larger_is_better else "less"
        lines.append(f"| {name} | {better} | {_cell(source, name)} | {_cell(band, name)} |")
    return "\n".join(lines)


def _cell(values: Mapping[str, float], name: str) -> str:
    return f"{values[name]:.3f}" if name in values else "-"
