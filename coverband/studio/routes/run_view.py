"""Runs as the page shows them: state, time left, scores, findings and clips."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TypedDict

from coverband.studio import home, speed, work
from coverband.studio.event_files import EventLog
from coverband.studio.home import Band
from coverband.studio.routes.task_view import TaskAnswer, task_json
from coverband.studio.tasks import Task, TaskStore
from pipelines.errors import UserError
from pipelines.nn.neural_vocoder.files import kept

SCORES = ("score/balance", "content/chroma_to_source", "content/onset_f1", "style/closeness")
"""Scores of the validation songs that are shown, all from 0 to 1, more is better."""
CLIPS = {"source": "reference/source", "band": "reference/band", "cover": "preview/translation"}
"""Tags of the clips, by their names in addresses."""
_FINDING = re.compile(r"- \*\*(?P<key>.*?)\*\*: (?P<sentence>.*)")


class BestAnswer(TypedDict):
    """Best model of a run: the step at which the metric had its best value."""

    metric: str
    value: float
    step: int


class RunSummary(TypedDict):
    """Run: what was saved of it, and its newest training; `minutes` is how long that takes in all.

    Covers are by the best model, or by the newest one if no best one is kept. `closeness` and `style` say
    whether they can be chosen, and `vocoder` whether the model was trained with one.
    """

    name: str
    exists: bool
    trained: bool
    steps: int
    best: BestAnswer | None
    closeness: bool
    style: bool
    vocoder: bool
    report: bool
    export: str | None
    minutes: float | None
    task: TaskAnswer | None


class Finding(TypedDict):
    """Finding of the health checks."""

    key: str
    sentence: str


class ClipStep(TypedDict):
    """Training step with clips, and when it was, in seconds since 1970."""

    step: int
    time: float


class RunDetails(TypedDict):
    """Course of a run: (step, value) pairs of its scores, findings, steps with clips, and open jobs."""

    scores: dict[str, list[list[float]]]
    checked: bool
    findings: list[Finding]
    clips: list[ClipStep]
    jobs: list[TaskAnswer]


class RunAnswer(RunSummary, RunDetails):
    """Run with its course."""


class RunViews:
    """Views of runs; remembers what was read of their event files."""

    def __init__(self, tasks: TaskStore) -> None:
        self._tasks, self._logs = tasks, dict[Path, EventLog]()

    def summary(self, band: Band, name: str, tasks: list[Task]) -> RunSummary:
        """JSON object of a run, without its scores and clips.

        Args:
            band: of the run.
            name: of the run.
            tasks: all tasks.
        """
        run = band.run(name)
        task = last_training(tasks, band.name, name)
        card, best = home.card(run), home.best(run)
        return {
            "name": name,
            "exists": run.is_dir(),
            "trained": bool(card),
            "steps": card.get("steps", 0),
            "best": {"metric": best["metric"], "value": best["value"], "step": best["step"]}
            if best
            else None,
            "closeness": bool(card.get("closeness")),
            "style": home.takes_style(run),
            "vocoder": kept(run) is not None,
            "report": (band.report(name) / "report.html").is_file(),
            "export": str(band.export(name)) if (band.export(name) / "saved_model.pb").is_file() else None,
            "minutes": task.work.minutes if task and isinstance(task.work, work.Train) else None,
            "task": task_json(task, self._tasks.state(task)) if task else None,
        }

    def details(self, band: Band, name: str) -> RunDetails:
        """JSON object of a run's scores, findings, steps with clips, and tasks of its report and export."""
        log = self._log(band.run(name))
        findings = log.texts.get("health/findings")
        clips = sorted(log.media[CLIPS["cover"]])
        return {
            "scores": {
                tag: [[step, value] for step, value in sorted(log.scalars[tag].items())]
                for tag in SCORES
                if log.scalars[tag]
            },
            "checked": findings is not None,
            "findings": [
                {"key": found["key"], "sentence": found["sentence"]}
                for found in _FINDING.finditer(findings or "")
            ],
            "clips": [{"step": step, "time": log.times[step]} for step in clips],
            "jobs": [
                task_json(task, self._tasks.state(task))
                for work_ in (work.Evaluate(band.name, name), work.Export(band.name, name))
                if (task := self._newest(work_)) is not None
            ],
        }

    def speed(self, runs: list[Path]) -> float | None:
        """Steps per second on this computer; None before the first training."""
        return speed.measured(runs, self._log)

    def clip(self, band: Band, name: str, kind: str, step: int, number: int) -> bytes:
        """WAV file of a clip.

        Args:
            band: of the run.
            name: of the run.
            kind: one of CLIPS.
            step: training step, 0 for references.
            number: of the clip, from 0 on.

        Raises:
            UserError: if there is no such clip.
        """
        record = self._log(band.run(name)).media.get(CLIPS.get(kind, ""), {}).get(step)
        sounds = [text for text in record.values(CLIPS[kind]) if text[:4] == b"RIFF"] if record else []
        if not 0 <= number < len(sounds):
            raise UserError("there is no such clip")
        return sounds[number]

    def _newest(self, wanted: work.Work) -> Task | None:
        return next((task for task in reversed(self._tasks.all()) if task.work == wanted), None)

    def _log(self, run: Path) -> EventLog:
        log = self._logs.setdefault(run, EventLog(run / "logs"))
        log.update()
        return log


def last_training(tasks: list[Task], band: str, run: str) -> Task | None:
    """The newest training of a run, or None."""
    for task in reversed(tasks):
        if isinstance(task.work, work.Train) and (task.work.band, task.work.run) == (band, run):
            return task
    return None
