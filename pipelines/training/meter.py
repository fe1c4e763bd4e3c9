"""The progress line of a training run: steps, speed, a few losses, time left."""

from __future__ import annotations

import time
from collections.abc import Mapping

import numpy as np

from pipelines import console
from pipelines.training.budget import Budget

_NOT_LOSSES = ("rate", "weight")
_MOST = 4


class Meter:
    """A progress bar whose length is the whole run, earlier parts included."""

    def __init__(self, budget: Budget, first: int) -> None:
        """Draws the bar.

        Args:
            budget: of the run.
            first: the step to go on from.
        """
        self._budget, self._step, self._time = budget, first, time.monotonic()
        self._bar = console.progress(budget.steps or first + 1, "training", unit="step")
        # tqdm counts the speed from `initial` on.
        self._bar.initial = self._bar.n = first

    def update(self, step: int, seconds: float, losses: Mapping[str, float]) -> float:
        """Moves the bar.

        Args:
            step: steps done.
            seconds: wall clock of the run so far.
            losses: newest values by name.

        Returns:
            Steps per second since the last update.
        """
        now = time.monotonic()
        rate = (step - self._step) / max(now - self._time, 1e-9)
        self._bar.total = self._budget.total_steps(step, seconds, rate)
        self._bar.set_postfix_str(brief(losses), refresh=False)
        self._bar.update(step - self._step)
        self._step, self._time = step, now
        return rate

    def close(self) -> None:
        """Draws it for the last time."""
        self._bar.close()


def brief(losses: Mapping[str, float]) -> str:
    """A few losses on one line: the mean of each group (the name before a slash), rates left out."""
    groups: dict[str, list[float]] = {}
    for name, value in losses.items():
        groups.setdefault(name.partition("/")[0], []).append(value)
    shown = [(name, np.mean(values)) for name, values in groups.items() if name not in _NOT_LOSSES]
    return ", ".join(f"{name} {value:.3g}" for name, value in shown[:_MOST])
