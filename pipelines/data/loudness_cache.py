"""The length and loudness of songs that nobody prepared: measured once, and kept."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import secrets
from collections.abc import Iterator

from pipelines import console
from pipelines.data import song_errors, worker_pool
from pipelines.data.normalise import Normalised, measure
from pipelines.data.schema import Skipped, write_json
from pipelines.data.shards import Task
from pipelines.data.skipped_songs import Skips

_SUFFIX = ".level"


def levels(tasks: list[Task], jobs: int) -> Iterator[tuple[Task, Normalised | Skipped]]:
    """Every song's level, or the reason why there is none, which is said at once.

    Args:
        tasks: the songs; what is known of them is kept in their folders.
        jobs: processes that decode.

    Raises:
        OSError: if the disk is full.
    """
    known = {task: found for task in tasks if (found := _known(task))}
    yield from known.items()
    new = [task for task in tasks if task not in known]
    skips = Skips()
    with contextlib.closing(worker_pool.run(_measure, new, jobs)) as results:
        for task, result in console.progress(results, "Measuring", total=len(new), unit="song"):
            yield task, _kept(task, result, skips)
    skips.summary()


def _known(task: Task) -> Normalised | None:
    try:
        return Normalised(**json.loads(task.path(_SUFFIX).read_text()))
    except (OSError, TypeError, ValueError):
        return None


def _measure(task: Task) -> Normalised:
    return measure(task.source, task.settings)


def _kept(task: Task, result: Normalised | Exception, skips: Skips) -> Normalised | Skipped:
    if isinstance(result, Normalised):
        if result.damage:
            console.say(f"{task.source} {result.damage}")
        # Another run may be measuring the same songs.
        write_json(task.path(_SUFFIX), dataclasses.asdict(result), f".{secrets.token_hex(4)}")
        return result
    why = song_errors.reason(task.source, result)
    skips.add(task.source, why)
    return Skipped(task.name, why)
