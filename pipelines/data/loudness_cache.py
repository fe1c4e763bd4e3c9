"""Loudness cache: length and loudness of songs that are not prepared, measured once and kept."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import secrets
from collections.abc import Iterator

from pipelines import console
from pipelines.data import skipped_songs, worker_pool
from pipelines.data.normalisation import Normalisation, measure
from pipelines.data.schema import Skipped, write_json
from pipelines.data.shards import PreparationTask
from pipelines.data.skipped_songs import SkipReport

_SUFFIX = ".level"


def measure_all(
    tasks: list[PreparationTask], jobs: int
) -> Iterator[tuple[PreparationTask, Normalisation | Skipped]]:
    """Measurements of songs, from the cache where it has them; prints the songs that are skipped.

    Args:
        tasks: the songs; measurements are kept in the tasks' folders.
        jobs: number of processes that decode.

    Yields:
        Every task with its measurement, or with the reason why the song cannot be used.

    Raises:
        OSError: if the disk is full.
    """
    cached = {task: found for task in tasks if (found := _load(task))}
    yield from cached.items()
    new = [task for task in tasks if task not in cached]
    skips = SkipReport()
    with contextlib.closing(worker_pool.run(_measure, new, jobs)) as results:
        for task, result in console.progress(results, "Measuring", total=len(new), unit="song"):
            yield task, _save(task, result, skips)
    skips.summary()


def _load(task: PreparationTask) -> Normalisation | None:
    try:
        return Normalisation(**json.loads(task.path(_SUFFIX).read_text()))
    except (OSError, TypeError, ValueError):
        return None


def _measure(task: PreparationTask) -> Normalisation:
    return measure(task.source, task.settings)


def _save(
    task: PreparationTask, result: Normalisation | Exception, skips: SkipReport
) -> Normalisation | Skipped:
    if isinstance(result, Normalisation):
        if result.damage:
            console.say(f"{task.source} {result.damage}")
        # A name of its own: another run may be measuring the same songs.
        write_json(task.path(_SUFFIX), dataclasses.asdict(result), f".{secrets.token_hex(4)}")
        return result
    why = skipped_songs.reason(task.source, result)
    skips.add(task.source, why)
    return Skipped(task.name, why)
