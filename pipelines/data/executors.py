"""Executors of preparation tasks, and the two steps of a task that all of them share."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator

from pipelines.data import shards, skipped_songs, worker_pool
from pipelines.data.normalisation import Normalisation, normalise
from pipelines.data.schema import Skipped, SongRecord
from pipelines.data.shards import PreparationTask
from pipelines.errors import UserError

Results = Generator[tuple[PreparationTask, SongRecord | Skipped], None, None]
"""Every task with its record, or with the reason why the song was skipped, in order of completion."""

Executor = Callable[[list[PreparationTask]], Results]
"""Function that prepares songs, in any order. Closing its generator ends all processes."""


def local_executor(jobs: int) -> Executor:
    """Executor with processes of this machine.

    Args:
        jobs: number of processes that decode.
    """

    def execute(tasks: list[PreparationTask]) -> Results:
        with contextlib.closing(worker_pool.run(decode, tasks, jobs)) as results:
            for task, result in results:
                yield task, write_result(task, result)

    return execute


def decode(task: PreparationTask) -> Normalisation:
    """Writes the normalised samples of a song. It needs a process of its own: damaged files can crash it.

    Of a song with a stem, those of its accompaniment.

    Raises:
        UserError: if the song is unreadable, silent or too short.
        OSError: if the disk is full.
    """
    try:
        return normalise(
            task.source, task.path(shards.PCM_SUFFIX), task.settings, task.change, task.song_stem
        )
    except UserError as error:
        if task.song_stem and str(error).startswith(str(task.song_stem)):
            raise UserError(f"{task.source} has a stem that cannot be used: {error}") from error
        raise


def write_result(task: PreparationTask, result: Normalisation | Exception) -> SongRecord | Skipped:
    """Writes the shard of a decoded song.

    Args:
        task: the song.
        result: return value of `decode`, or the exception that it raised.

    Returns:
        The song's record, or the reason why it was skipped.

    Raises:
        OSError: if the disk is full.
    """
    if isinstance(result, Normalisation):
        return shards.write_shard(task, result)
    return Skipped(task.name, skipped_songs.reason(task.source, result))
