"""Preparation of one song by a Beam worker, and the process that runs the direct runner's workers.

The results are files in the data folder: a song's shard and sidecar, or the reason why there is none.
Beam may retry a song, or run it twice at once: attempts share no unfinished file, and their finished files
are equal.
"""

from __future__ import annotations

import dataclasses
import os
import shlex
import socket
import sys
import threading
import time
import uuid
from pathlib import Path

from pipelines.data import executors, shards, worker_pool
from pipelines.data.normalise import Normalised
from pipelines.data.schema import SETTINGS_FILE, Skipped, write_json
from pipelines.data.shards import Task
from pipelines.errors import UserError

_WATCH_SECONDS = 0.2


def attempt(task: Task, decoder: worker_pool.Single) -> None:
    """Prepares a song as the local route does.

    Args:
        task: the song, by absolute paths.
        decoder: the process that decodes it.

    Raises:
        UserError: if this machine does not see the data folder.
        OSError: if the disk is full.
    """
    _require_same_disk(task.folder)
    if task.finished():
        return
    marked = dataclasses.replace(task, mark=f".{uuid.uuid4().hex[:12]}")
    outcome = executors.finish(marked, _decoded(marked, decoder))
    if isinstance(outcome, Skipped):
        write_json(task.path(shards.REASON_SUFFIX), {"why": outcome.why}, marked.mark)


def _require_same_disk(folder: Path) -> None:
    if not (folder / SETTINGS_FILE).is_file():
        raise UserError(
            f"{folder} is not the same folder on {socket.gethostname()}: "
            "choose an --out on a disk that all workers share"
        )


def _decoded(task: Task, decoder: worker_pool.Single) -> Normalised | Exception:
    if not task.source.exists():
        return UserError(
            f"{task.source} is not there on {socket.gethostname()}: "
            "put the songs on a disk that all workers share"
        )
    outcome: Normalised | Exception = decoder.run(executors.decode, task)
    return outcome


def command() -> str:
    """The shell's command line for a process of the direct runner, a child of this one."""
    return f"exec {shlex.quote(sys.executable)} -m {__name__} {os.getpid()}"


def main(launcher: int) -> None:
    """Serves the direct runner until the process that launched it ends."""
    threading.Thread(target=_follow, args=(launcher,), daemon=True).start()
    from apache_beam.runners.worker import sdk_worker_main

    sdk_worker_main.main([])


def _follow(launcher: int) -> None:
    while os.getppid() == launcher:
        time.sleep(_WATCH_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
