"""Tasks: works in a queue, which is a folder of folders, one for each task."""

from __future__ import annotations

import contextlib
import dataclasses
import enum
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from coverband.studio import process, work
from coverband.studio.home import Home, read_json
from coverband.studio.runner import TASK_FILE
from coverband.studio.work import Work
from pipelines import outputs
from pipelines.errors import UserError

_STOPPED = (130, 143)
"""Exit codes after SIGINT and SIGTERM."""
_KEPT = 100
"""Ended tasks that are kept, the newest."""


class State(enum.Enum):
    """State of a task."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    DIED = "died"
    """Its process is gone and has said nothing: it was killed, or the computer was switched off."""


@dataclasses.dataclass(frozen=True)
class Task:
    """Task in the queue.

    Attributes:
        folder: of the task, whose name is a number.
        work: what is done.
    """

    folder: Path
    work: Work

    @property
    def id(self) -> str:
        """Name of the folder."""
        return self.folder.name

    @property
    def state(self) -> State:
        """State, by the files of the folder."""
        # In this order: the result is written while the process is alive.
        alive, result = process.is_alive(self.folder), read_json(self.folder / process.RESULT)
        if alive:
            return State.RUNNING
        if "code" in result:
            code = result["code"]
            return State.DONE if code == 0 else State.STOPPED if code in _STOPPED else State.FAILED
        if not process.has_started(self.folder):
            return State.QUEUED
        return State.STOPPED if process.was_stopped(self.folder) else State.DIED


class TaskStore:
    """Queue of tasks. It has no state but its folder, so that it is the same after a restart."""

    def __init__(self, home: Home) -> None:
        """Opens the queue; removes the oldest ended tasks."""
        self._home, self._ended = home, dict[str, State]()
        home.tasks.mkdir(parents=True, exist_ok=True)
        ended = [task for task in self.all() if self.state(task) not in (State.QUEUED, State.RUNNING)]
        for task in ended[:-_KEPT]:
            shutil.rmtree(task.folder, ignore_errors=True)

    def all(self) -> list[Task]:
        """All tasks, the oldest first; damaged ones are left out."""
        found = []
        for folder in sorted(self._home.tasks.iterdir()):
            if folder.name.isdecimal():
                try:
                    found.append(Task(folder, work.from_json(read_json(folder / TASK_FILE))))
                except UserError:
                    continue
        return found

    def get(self, id_: str) -> Task:
        """Task of an id.

        Raises:
            UserError: if there is none.
        """
        for task in self.all():
            if task.id == id_:
                return task
        raise UserError("there is no such task")

    def state(self, task: Task) -> State:
        """State of a task."""
        if task.id not in self._ended:
            state = task.state
            if state in (State.QUEUED, State.RUNNING):
                return state
            self._ended[task.id] = state
        return self._ended[task.id]

    def add(self, wanted: Work) -> Task:
        """Adds a work to the queue; the same work that is queued or running is not added again.

        Raises:
            OSError: if the disk is full.
        """
        tasks = self.all()
        for task in tasks:
            if task.work == wanted and self.state(task) in (State.QUEUED, State.RUNNING):
                return task
        number = 1 + max((int(task.id) for task in tasks), default=0)
        folder = self._home.tasks / f"{number:08d}"
        folder.mkdir()
        try:
            _write(folder, wanted)
        except OSError:
            folder.rmdir()
            raise
        return Task(folder, wanted)

    def stop(self, task: Task) -> None:
        """Stops a running task, which saves what it can; any other one is removed."""
        if self.state(task) is State.RUNNING:
            process.stop(task.folder)
        else:
            shutil.rmtree(task.folder)
            self._ended.pop(task.id, None)  # the next task may get the number

    @contextlib.contextmanager
    def follow(self, change: Callable[[Work], Work | None]) -> Iterator[None]:
        """Context manager in which the things that works are about are renamed, or moved out.

        Args:
            change: gives a work as it is afterwards; None for one that is no more.

        Raises:
            UserError: if a work that changes is queued or running.
        """
        changed = [(task, new) for task in self.all() if (new := change(task.work)) != task.work]
        if any(self.state(task) in (State.QUEUED, State.RUNNING) for task, _ in changed):
            raise UserError("it is at work, or waits for it: stop that first")
        yield
        for task, new in changed:
            if new is None:
                self.stop(task)
            else:
                _write(task.folder, new)

    def start_next(self) -> None:
        """Starts the first queued task of every lane in which no task runs.

        Raises:
            OSError: if the disk is full.
        """
        states = [(task, self.state(task)) for task in self.all()]
        busy = {task.work.lane for task, state in states if state is State.RUNNING}
        for task, state in states:
            if state is State.QUEUED and task.work.lane not in busy:
                busy.add(task.work.lane)
                try:
                    process.start(task.folder, self._home.path)
                except (OSError, UserError) as error:
                    process.write_failure(task.folder, f"it cannot be started: {error}")


def _write(folder: Path, wanted: Work) -> None:
    with outputs.whole(folder / TASK_FILE) as unfinished:
        unfinished.write_text(json.dumps(work.to_json(wanted)))
