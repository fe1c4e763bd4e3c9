"""Saved translators of a run: the newest, and the best by a metric of the validation songs."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from pathlib import Path

from pipelines import console
from pipelines.data.schema import write_json
from pipelines.training.scores import METRICS
from pipelines.training.workdir import Workdir


@dataclasses.dataclass(frozen=True)
class Record:
    """Record of the best translator of a run.

    Attributes:
        metric: name of the metric that selects the translator, one of METRICS.
        value: best value of that metric; None until a translator is saved.
        step: training step at which the metric had that value; None until a translator is saved.
    """

    metric: str
    value: float | None = None
    step: int | None = None


class Best:
    """Keeps the best translator in a folder of its own, and remembers across interruptions why it is best."""

    def __init__(self, workdir: Workdir, record: Record) -> None:
        self._workdir, self.record = workdir, record
        self._missed = False

    @classmethod
    def of(cls, workdir: Workdir, metric: str | None) -> Best | None:
        """`Best` of a run, restored from the stored record or new; None if there is no metric to select by.

        A metric that differs from the stored one replaces the stored record.

        Args:
            workdir: of the run.
            metric: one of METRICS; None uses the metric of the stored record, if there is one.
        """
        stored = _stored(workdir.best_record)
        if metric is None or (stored and stored.metric == metric):
            return cls(workdir, stored) if stored else None
        if stored:
            console.say(f"{workdir.best} was the best by {stored.metric}; from now on it is by {metric}")
        best = cls(workdir, Record(metric))
        best._write()
        return best

    def update(self, step: int, scores: Mapping[str, float], save: Callable[[Path], None]) -> None:
        """Saves and says so, if the metric has never been better.

        Args:
            step: the training step.
            scores: of this step, by name.
            save: writes the translator into a folder, whole or not at all.
        """
        metric, value = self.record.metric, scores.get(self.record.metric)
        if value is None:
            self._say_missed()
        elif METRICS[metric].improves(value, self.record.value):
            save(self._workdir.best)
            # After it: a kill in between has this step evaluated again, for its checkpoint comes later still.
            self.record = Record(metric, value, step)
            self._write()
            console.say(f"step {step}: the best {metric} so far, {value:.4f}; kept in {self._workdir.best}")

    def __str__(self) -> str:
        """One sentence."""
        if self.record.value is None:
            return f"nothing was kept: {self.record.metric} was never measured"
        return (
            f"the best {self.record.metric} was {self.record.value:.4f} at step {self.record.step}; "
            f"translate with --model {self._workdir.best}"
        )

    def _write(self) -> None:
        write_json(self._workdir.best_record, dataclasses.asdict(self.record))

    def _say_missed(self) -> None:
        if not self._missed:
            console.say(f"{self._workdir.best} is not written: {self.record.metric} is not measured")
        self._missed = True


def _stored(path: Path) -> Record | None:
    """Record that an earlier part of the run wrote; None if missing, damaged or of an unknown metric."""
    try:
        record = Record(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return record if record.metric in METRICS else None
