"""Launcher of a Beam job: starts the process that runs Beam, and collects results from the data folder."""

from __future__ import annotations

import contextlib
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
from pipelines.data.executors import Executor, Results
from pipelines.data.schema import Skipped, SongRecord
from pipelines.data.shards import PreparationTask
from pipelines.errors import UserError

_Key = tuple[str, str]  # domain and stem

_LOG_FILE = "beam.log"
_RESULTS = (shards.SIDECAR_SUFFIX, shards.REASON_SUFFIX)
_POLL_SECONDS = 0.5
_LATE_SECONDS = 60.0  # files of another machine may appear late on a network disk
_CLOSING_SECONDS = 20.0


def beam_executor(job: Job) -> Executor:
    """Executor on a runner of Apache Beam.

    Args:
        job: runner and options.

    Raises:
        UserError: if Beam is not installed, or has no such runner or option. The executor raises it if the
            job fails; finished songs are kept.
    """
    logging.disable(logging.WARNING)  # Beam logs which optional packages are missing
    try:
        from pipelines.data.beam import pipeline

        pipeline.check(job)
    except ModuleNotFoundError as error:
        raise UserError(f"--runner needs {error.name}: pip install 'coverband[beam]'") from error
    finally:
        logging.disable(logging.NOTSET)
    return lambda tasks: _results(job, tasks)


def _results(job: Job, tasks: list[PreparationTask]) -> Results:
    if not tasks:
        return
    for task in tasks:
        task.path(shards.REASON_SUFFIX).unlink(missing_ok=True)  # left by a killed run
    log, pending = tasks[0].folder.absolute() / _LOG_FILE, {(task.domain, task.stem): task for task in tasks}
    failure = ""
    try:
        with _driver(job, tasks, log) as messages:
            while pending and not messages.poll(_POLL_SECONDS):
                yield from _pop_finished(pending)
            failure = _failure(messages)
            yield from _pop_late(pending, 0.0 if failure else _LATE_SECONDS)
    finally:
        if not (pending and failure):
            log.unlink(missing_ok=True)
    _require_all(job, pending, failure and f"{failure} ({log} has more)")


@contextlib.contextmanager
def _driver(job: Job, tasks: list[PreparationTask], log: Path) -> Iterator[Connection]:
    """Context manager of the process that runs Beam: its threads and messages are confined to it."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    absolute = [task.absolute() for task in tasks]
    process = context.Process(target=_drive, args=(job, absolute, log, sender))
    process.start()
    sender.close()
    try:
        yield receiver
        process.join(_CLOSING_SECONDS)
    finally:
        if process.exitcode is None:
            _end(process)


def _end(process: SpawnProcess) -> None:
    """Cancels the job, then kills the driver and its child processes."""
    process.terminate()
    multiprocessing.connection.wait([process.sentinel], _CLOSING_SECONDS)
    with contextlib.suppress(ProcessLookupError):  # it ended before it had a process group
        os.killpg(process.pid or 0, signal.SIGKILL)
    process.join()


def _drive(job: Job, tasks: list[PreparationTask], log: Path, messages: Connection) -> None:
    worker_pool.initialise_worker(str(log))
    os.setpgid(0, 0)  # a process group of its own, to be killed as one
    # Here, so that messages of its import go to the log, too.
    from pipelines.data.beam import pipeline

    pipeline.run(job, tasks, messages)


def _pop_late(pending: dict[_Key, PreparationTask], seconds: float) -> Results:
    """Results that appear within some seconds after the end of a job."""
    end = time.monotonic() + seconds
    yield from _pop_finished(pending)
    while pending and time.monotonic() < end:
        time.sleep(_POLL_SECONDS)
        yield from _pop_finished(pending)


def _pop_finished(pending: dict[_Key, PreparationTask]) -> Results:
    """Results so far, whose tasks are removed from those that are pending."""
    for key, result in _finished(pending):
        yield pending.pop(key), result


def _require_all(job: Job, pending: dict[_Key, PreparationTask], failure: str) -> None:
    for task in pending.values():
        missing = (
            f"nothing of {task.source} is in {task.folder}: choose an --out on a disk that all workers share"
        )
        raise UserError(f"--runner {job.runner} failed, finished songs are kept: {failure or missing}")


def _finished(pending: dict[_Key, PreparationTask]) -> list[tuple[_Key, SongRecord | Skipped]]:
    """Results in the data folder so far; it is listed, since a look-up per name is slow on a network disk."""
    folders = {task.path("").parent for task in pending.values()}
    files = [path for folder in folders for path in folder.iterdir() if path.suffix in _RESULTS]
    finished = pending.keys() & {(path.parent.name, path.stem) for path in files}
    results = [(key, _result(pending[key])) for key in finished]
    return [(key, result) for key, result in results if result]


def _result(task: PreparationTask) -> SongRecord | Skipped | None:
    if record := task.finished():
        return record
    try:
        return Skipped(task.name, json.loads(task.path(shards.REASON_SUFFIX).read_text())["why"])
    except FileNotFoundError:
        return None


def _failure(messages: Connection) -> str:
    """Error message of the driver; empty on success."""
    try:
        return str(messages.recv())
    except EOFError:
        return "the process that drives it died"
