"""The launcher's side: starts the process that runs Beam, and collects what workers leave in the folder."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import multiprocessing
import multiprocessing.connection
import os
import signal
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path

from pipelines.data import shards, worker_pool
from pipelines.data.beam.job import Job
from pipelines.data.executors import Results, Route
from pipelines.data.schema import Skipped, SongRecord
from pipelines.data.shards import Task
from pipelines.errors import UserError

_Key = tuple[str, str]  # domain and stem

_LOG_FILE = "beam.log"
_RESULTS = (shards.SIDECAR_SUFFIX, shards.REASON_SUFFIX)
_LOOK_SECONDS = 0.5
_LATE_SECONDS = 60.0  # what another machine wrote may show up late on a network's disk
_CLOSING_SECONDS = 20.0


def under_beam(job: Job) -> Route:
    """One of Beam's runners.

    Raises:
        UserError: if Beam is not there, or knows no such runner or option. The route raises one if the job
            fails; what was finished is kept.
    """
    logging.disable(logging.WARNING)  # Beam tells what it could do were more installed
    try:
        from pipelines.data.beam import pipeline

        pipeline.check(job)
    except ModuleNotFoundError as error:
        raise UserError(f"--runner needs {error.name}: pip install 'coverband[beam]'") from error
    finally:
        logging.disable(logging.NOTSET)
    return lambda tasks: _results(job, tasks)


def _results(job: Job, tasks: list[Task]) -> Results:
    if not tasks:
        return
    for task in tasks:
        task.path(shards.REASON_SUFFIX).unlink(missing_ok=True)  # of a run that was killed
    log, waiting = tasks[0].folder.absolute() / _LOG_FILE, {(task.domain, task.stem): task for task in tasks}
    failure = ""
    try:
        with _driver(job, tasks, log) as answers:
            while waiting and not answers.poll(_LOOK_SECONDS):
                yield from _taken(waiting)
            failure = _failure(answers)
            yield from _late(waiting, 0.0 if failure else _LATE_SECONDS)
    finally:
        if not (waiting and failure):
            log.unlink(missing_ok=True)
    _require_all(job, waiting, failure and f"{failure} ({log} has more)")


@contextlib.contextmanager
def _driver(job: Job, tasks: list[Task], log: Path) -> Iterator[Connection]:
    """The process that runs Beam, whose threads and messages stay in there; it is gone at the end."""
    context = multiprocessing.get_context("spawn")
    answers, theirs = context.Pipe(duplex=False)
    absolute = [
        dataclasses.replace(task, source=task.source.absolute(), folder=task.folder.absolute())
        for task in tasks
    ]
    process = context.Process(target=_drive, args=(job, absolute, log, theirs))
    process.start()
    theirs.close()
    try:
        yield answers
        process.join(_CLOSING_SECONDS)
    finally:
        if process.exitcode is None:
            _end(process)


def _end(process: SpawnProcess) -> None:
    """Has the job cancelled, then kills the driver and what it started."""
    process.terminate()
    multiprocessing.connection.wait([process.sentinel], _CLOSING_SECONDS)
    with contextlib.suppress(ProcessLookupError):  # so early that it had no group
        os.killpg(process.pid or 0, signal.SIGKILL)
    process.join()


def _drive(job: Job, tasks: list[Task], log: Path, answers: Connection) -> None:
    worker_pool.settle(str(log))
    os.setpgid(0, 0)  # a group of its own, to be ended as one
    # Here, so that what Beam says while it is loaded goes to the log, too.
    from pipelines.data.beam import pipeline

    pipeline.run(job, tasks, answers)


def _late(waiting: dict[_Key, Task], seconds: float) -> Results:
    """Results at the end of a job."""
    end = time.monotonic() + seconds
    yield from _taken(waiting)
    while waiting and time.monotonic() < end:
        time.sleep(_LOOK_SECONDS)
        yield from _taken(waiting)


def _taken(waiting: dict[_Key, Task]) -> Results:
    """Results that are there; what has one is not waited for any more."""
    for key, result in _finished(waiting):
        yield waiting.pop(key), result


def _require_all(job: Job, waiting: dict[_Key, Task], failure: str) -> None:
    for task in waiting.values():
        seen = (
            f"nothing of {task.source} is in {task.folder}: choose an --out on a disk that all workers share"
        )
        raise UserError(f"--runner {job.runner} failed, finished songs are kept: {failure or seen}")


def _finished(waiting: dict[_Key, Task]) -> list[tuple[_Key, SongRecord | Skipped]]:
    """Results in the data folder so far; the folder is listed, as single names are slow on a network disk."""
    folders = {task.path("").parent for task in waiting.values()}
    files = [path for folder in folders for path in folder.iterdir() if path.suffix in _RESULTS]
    there = waiting.keys() & {(path.parent.name, path.stem) for path in files}
    results = [(key, _result(waiting[key])) for key in there]
    return [(key, result) for key, result in results if result]


def _result(task: Task) -> SongRecord | Skipped | None:
    if record := task.finished():
        return record
    try:
        return Skipped(task.name, json.loads(task.path(shards.REASON_SUFFIX).read_text())["why"])
    except FileNotFoundError:
        return None


def _failure(answers: Connection) -> str:
    """Error message of the driver at its end; empty on success."""
    try:
        return str(answers.recv())
    except EOFError:
        return "the process that drives it died"
