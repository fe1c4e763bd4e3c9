"""Process of a task, in a session of its own: it outlives the Studio and is found again by a lock.

The lock is of the open file, which the process and its children inherit: it is held for as long as one of
them lives, however the Studio or the process ended. A process id could belong to another program meanwhile.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from pipelines import console, outputs
from pipelines.errors import UserError

LOCK, LOG, RESULT, STOP = "lock", "log", "result.json", "stop"
"""Files of a task's folder: the lock, with the process id; the log; the exit code; a wish to stop."""
RUNNER = "coverband.studio.runner"
"""Module that the process runs."""
_LOG_SECONDS = "2"
_PID_BYTES = 20
_CHILDREN: list[subprocess.Popen[bytes]] = []
"""Processes that this one has started, so that they can be reaped."""


def start(task: Path, home: Path) -> None:
    """Starts the process of a task.

    Args:
        task: folder of the task.
        home: folder of the Studio.

    Raises:
        UserError: if it runs already, or the file system has no locks.
        OSError: if no process can be started.
    """
    descriptor = os.open(task / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UserError(
                f"{task} cannot be locked ({error.strerror}): use a folder on a local disk"
            ) from error
        os.pwrite(descriptor, bytes(_PID_BYTES), 0)  # on a full disk nothing is started
        line = [sys.executable, "-m", RUNNER, str(task), str(home), str(descriptor)]
        environment = {**os.environ, console.LOG_SECONDS_VARIABLE: _LOG_SECONDS}
        with (task / LOG).open("ab") as log:
            process = subprocess.Popen(
                line,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(descriptor,),
                start_new_session=True,
                env=environment,
            )
        _CHILDREN.append(process)
        os.pwrite(descriptor, str(process.pid).encode().ljust(_PID_BYTES), 0)
    except OSError:
        (task / LOCK).unlink()  # it has not started
        raise
    finally:
        os.close(descriptor)


def write_failure(task: Path, sentence: str) -> None:
    """Notes that a task has failed without a process.

    Raises:
        OSError: if the disk is full.
    """
    with (task / LOG).open("a") as log:
        log.write(f"{sentence}\n")
    write_result(task, 1)


def write_result(task: Path, code: int) -> None:
    """Notes the exit code of a task, the last that is written into its folder.

    Raises:
        OSError: if the disk is full.
    """
    with outputs.whole(task / RESULT) as unfinished:
        unfinished.write_text(json.dumps({"code": code}))


def has_started(task: Path) -> bool:
    """True if the process of a task was started at some time."""
    return (task / LOCK).exists()


def was_stopped(task: Path) -> bool:
    """True if the process of a task was to stop."""
    return (task / STOP).exists()


def is_alive(task: Path) -> bool:
    """True if the process of a task, or a child of it, is alive."""
    _CHILDREN[:] = [child for child in _CHILDREN if child.poll() is None]
    try:
        descriptor = os.open(task / LOCK, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def stop(task: Path) -> None:
    """Sends SIGTERM to the process of a task and its children, if they are alive; training saves then."""
    if not is_alive(task):
        return
    (task / STOP).touch()  # a process that has just begun ends without a result
    with contextlib.suppress(ValueError, ProcessLookupError):
        os.killpg(int((task / LOCK).read_text()), signal.SIGTERM)
