"""Processes with limits on memory and time, one for each task on the samples of a request.

The processes are forks of one that has loaded the libraries, so that a song does not wait for imports. Their
input is untrusted, and so are they: a process returns a short JSON message and raw samples only.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import multiprocessing
import os
import resource
import signal
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

from pipelines.audio.song_measurement import SongMeasurement
from pipelines.serving.http_errors import HttpError
from pipelines.serving.sample_file import SampleFile

_POLL_SECONDS = 0.2
_MESSAGE_BYTES = 1 << 16

# A fork imports the main module, too: the modules that `coverband serve` needs have to be loaded.
_PRELOADED = ["__main__", "pipelines.serving.lifecycle"]


@dataclasses.dataclass(frozen=True)
class ProcessLimits:
    """Limits of a process.

    Attributes:
        memory_bytes: of the process, beyond what the libraries use.
        cpu_seconds: processor time; the wall time may be twice as long.
        file_bytes: of a file that it writes.
    """

    memory_bytes: int
    cpu_seconds: int
    file_bytes: int


class Task(Protocol):
    """Task that writes samples; pickled, so a dataclass of plain values."""

    @property
    def target(self) -> Path:
        """File for the samples."""

    @property
    def sample_rate(self) -> int:
        """Sample rate of the samples, Hz."""

    @property
    def limits(self) -> ProcessLimits:
        """Limits of the process."""

    @property
    def name(self) -> str:
        """Name of the input in error messages."""

    @property
    def participle(self) -> str:
        """Participle of the work in error messages, such as "decoded"."""

    def write(self) -> SongMeasurement:
        """Writes the samples and returns their measurement.

        Raises:
            HttpError: with 4xx, if the input cannot be used.
        """


async def run(task: Task) -> SampleFile:
    """Runs a task; its process is killed when the caller is cancelled.

    Raises:
        HttpError: with 4xx, if the input cannot be used or exceeds the limits on time and memory.
    """
    cancelled = threading.Event()
    try:
        return await asyncio.to_thread(run_blocking, task, cancelled)
    finally:
        cancelled.set()  # a thread continues when the request that waits for it is cancelled


def run_blocking(task: Task, cancelled: threading.Event) -> SampleFile:
    """Runs a task in a process of its own and waits for its end.

    Args:
        task: the task.
        cancelled: set by another thread to kill the process.

    Raises:
        HttpError: see `run`.
    """
    end = time.monotonic() + 2.0 * task.limits.cpu_seconds
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_main, args=(task, sender), daemon=True)
    with receiver:
        try:
            with sender:
                process.start()
        except (EOFError, OSError) as error:  # no memory for a fork, for instance
            raise _limit_error(task) from error
        try:
            while not receiver.poll(_POLL_SECONDS):
                if cancelled.is_set() or time.monotonic() > end:
                    raise _limit_error(task)
            return _parse(task, receiver.recv_bytes(_MESSAGE_BYTES))
        except (EOFError, OSError) as error:  # it died
            raise _limit_error(task) from error
        finally:
            process.kill()
            process.join()
            process.close()


def _limit_error(task: Task) -> HttpError:
    return HttpError(400, f"{task.name} could not be {task.participle} within the limits on time and memory")


def _parse(task: Task, message: bytes) -> SampleFile:
    """Sample file of a JSON message, every field of which is checked."""
    try:
        fields = json.loads(message)
    except (ValueError, RecursionError) as error:
        raise _limit_error(task) from error
    match fields:
        case {"status": 400 | 413 | 415 as status, "message": str(sentence)}:
            raise HttpError(int(status), sentence)
        case {"samples": int(samples), "channels": 1 | 2 as channels, "loudness": float(loudness)}:
            if samples >= 0:
                return SampleFile(task.target, samples, int(channels), task.sample_rate, loudness)
    raise _limit_error(task)


def _main(task: Task, sender: Connection) -> None:
    """Main function of the process."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    os.setsid()  # Ctrl-C reaches the server only, which lets the process finish
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _set_limits(task.limits)
    sender.send_bytes(json.dumps(_fields(task)).encode())


def _fields(task: Task) -> dict[str, Any]:
    """Fields of the message: the measurement of the samples, or an HTTP status and a sentence."""
    try:
        measured = task.write()
    except HttpError as error:
        return {"status": error.status, "message": error.message}
    except (MemoryError, OSError, ValueError, RuntimeError):
        return {"status": 400, "message": f"{task.name} cannot be {task.participle}: convert it again"}
    return {**dataclasses.asdict(measured), "loudness": float(measured.loudness)}


def _set_limits(limits: ProcessLimits) -> None:
    """Sets the limits of this process; what Python and its libraries have used already is not counted."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _lower(resource.RLIMIT_AS, used + limits.memory_bytes)
    _lower(resource.RLIMIT_CPU, int(usage.ru_utime + usage.ru_stime) + limits.cpu_seconds)
    _lower(resource.RLIMIT_FSIZE, limits.file_bytes)
    _lower(resource.RLIMIT_CORE, 0)


def _lower(kind: int, limit: int) -> None:
    hard = resource.getrlimit(kind)[1]
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(kind, (limit, limit))
