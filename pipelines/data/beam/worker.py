"""Preparation of a song by a Beam worker, and the worker process of the direct runner.

Results are files in the data folder: a song's shard and sidecar, or the reason why it was skipped. Beam may
retry a song, or run it twice at once: attempts share no unfinished file, and their finished files are equal.
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
from pipelines.data.normalisation import Normalisation
from pipelines.data.schema import SETTINGS_FILE, Skipped, write_json
from pipelines.data.shards import PreparationTask
from pipelines.errors import UserError

_WATCH_SECONDS = 0.2


def prepare_song(task: PreparationTask, decoder: worker_pool.SingleWorker) -> None:
    """Prepares a song as the local executor does.

    Args:
        task: of the song, with absolute paths.
        decoder: process that decodes it.

    Raises:
        UserError: if the data folder is not mounted on this machine.
        OSError: if the disk is full.
    """
    _require_same_disk(task.folder)
    if task.finished():
        return
    attempt = dataclasses.replace(task, attempt=f".{uuid.uuid4().hex[:12]}")
    result = executors.write_result(attempt, _decode(attempt, decoder))
    if isinstance(result, Skipped):
        write_json(task.path(shards.REASON_SUFFIX), {"why": result.why}, attempt.attempt)


def _require_same_disk(folder: Path) -> None:
    if not (folder / SETTINGS_FILE).is_file():
        raise UserError(
            f"{folder} is not the same folder on {socket.gethostname()}: "
            "choose an --out on a disk that all workers share"
        )


def _decode(task: PreparationTask, decoder: worker_pool.SingleWorker) -> Normalisation | Exception:
    missing = [path for path in (task.source, *_stem_paths(task)) if not path.exists()]
    if missing:
        return UserError(
            f"{missing[0]} is not there on {socket.gethostname()}: "
            "put the songs on a disk that all workers share"
        )
    result: Normalisation | Exception = decoder.run(executors.decode, task)
    return result


def _stem_paths(task: PreparationTask) -> list[Path]:
    return [task.song_stem.path] if task.song_stem else []


def command() -> str:
    """Shell command of a worker process of the direct runner, a child of this process."""
    return f"exec {shlex.quote(sys.executable)} -m {__name__} {os.getpid()}"


def main(launcher: int) -> None:
    """Worker of the direct runner; it ends with the process that launched it.

    Args:
        launcher: id of that process.
    """
    threading.Thread(target=_exit_with, args=(launcher,), daemon=True).start()
    from apache_beam.runners.worker import sdk_worker_main

    sdk_worker_main.main([])


def _exit_with(launcher: int) -> None:
    while os.getppid() == launcher:
        time.sleep(_WATCH_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
