"""Tasks as the page shows them: what is done, and how far it is."""

from __future__ import annotations

import dataclasses
from typing import TypedDict, cast

from coverband.studio import process, task_log, work
from coverband.studio.process import LOG
from coverband.studio.tasks import State, Task


class _Task(TypedDict):
    id: str
    state: str
    stopping: bool
    kind: str
    band: str
    what: str
    fraction: float | None
    done: float
    total: float
    seconds_left: int | None
    message: str


class TaskAnswer(_Task, total=False):
    """Task: its state and progress, see `task_log.Progress`, and the fields of its `work.Work`.

    `stopping` says that a running task was asked to stop.
    """

    run: str
    minutes: float
    changes: list[str]
    title: str
    strength: float
    closeness: float
    vocals_level: float
    vocoder: str
    style: str
    cover: str


def task_json(task: Task, state: State) -> TaskAnswer:
    """JSON object of a task."""
    stopping = state is State.RUNNING and process.was_stopped(task.folder)
    progress = task_log.read(task.folder / LOG) if state is not State.QUEUED else task_log.Progress()
    values = {
        "id": task.id,
        "state": state.value,
        "stopping": stopping,
        **work.to_json(task.work),
        **dataclasses.asdict(progress),
    }
    return cast(TaskAnswer, values)
