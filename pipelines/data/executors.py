"""Executors that prepare songs (routes), and the two steps of preparing a song, common to all of them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator

from pipelines.data import shards, song_errors, worker_pool
from pipelines.data.normalise import Normalised, normalise
from pipelines.data.schema import Skipped, SongRecord
from pipelines.data.shards import Task

Results = Generator[tuple[Task, SongRecord | Skipped], None, None]
"""Every task with its record, or with the reason why there is none, as they are finished."""

Route = Callable[[list[Task]], Results]
"""Prepares songs, in any order. Once it is closed, nothing is left running."""


def here(jobs: int) -> Route:
    """This machine's processes.

    Args:
        jobs: how many of them decode.
    """

    def route(tasks: list[Task]) -> Results:
        with contextlib.closing(worker_pool.run(decode, tasks, jobs)) as results:
            for task, result in results:
                yield task, finish(task, result)

    return route


def decode(task: Task) -> Normalised:
    """The first half of the work, for a process that a damaged file may kill: leaves a song's samples.

    Raises:
        UserError: if the song is unreadable, silent or too short.
        OSError: if the disk is full.
    """
    return normalise(task.source, task.path(shards.PCM_SUFFIX), task.settings, task.alteration)


def finish(task: Task, result: Normalised | Exception) -> SongRecord | Skipped:
    """The second half: writes the shard of a song that could be decoded.

    Args:
        task: the song.
        result: what `decode` returned, or raised.

    Raises:
        OSError: if the disk is full.
    """
    if isinstance(result, Normalised):
        return shards.write_shard(task, result)
    return Skipped(task.name, song_errors.reason(task.source, result))
