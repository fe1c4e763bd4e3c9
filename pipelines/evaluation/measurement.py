"""Measuring sounds in processes of their own, which do not load TensorFlow."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from pipelines import console
from pipelines.audio.spec import AudioSpec
from pipelines.data import worker_pool
from pipelines.errors import UserError
from pipelines.evaluation.columns import FEATURES, Hearing, SongColumn
from pipelines.evaluation.recording import Recording
from pipelines.evaluation.store import Measured
from pipelines.metrics.notes_file import read_notes
from pipelines.numba_cache import compile_ahead

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Read by NumPy's and SciPy's linear algebra when it is loaded."""


@dataclasses.dataclass(frozen=True)
class Task:
    """One sound to be measured; paths are those of .npy files, float32 [samples].

    Attributes:
        label: what it is, for messages: "EQ match of bwv330".
        target: the file that the result is written to.
        spec: of the sounds.
        sound: what is measured.
        source: the song as it was given.
        truth: what the band plays, if that is known.
        notes: the score, if there is one (.mid).
        columns: what to measure; none: only the features that style is judged by.
    """

    label: str
    target: Path
    spec: AudioSpec
    sound: Path
    source: Path
    truth: Path | None = None
    notes: Path | None = None
    columns: tuple[SongColumn, ...] = ()


def measure_all(tasks: Sequence[Task], description: str, jobs: int) -> Iterator[str]:
    """Measures every task whose result is not there yet.

    Args:
        tasks: what to measure.
        description: of the progress bar.
        jobs: processes.

    Yields:
        A sentence for every sound that could not be measured.
    """
    waiting = [task for task in tasks if Measured.load(task.target) is None]
    if not waiting:
        return
    compile_ahead()
    with _one_thread(), console.progress(len(waiting), description, unit="sound") as bar:
        for task, result in worker_pool.run(measure, waiting, jobs):
            bar.update()
            if isinstance(result, Exception):
                yield f"{task.label} could not be measured ({result!r}): it is left out"


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Has processes that start now compute in one thread each: there are as many of them as cores."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def measure(task: Task) -> None:
    """Measures one sound and writes the result."""
    hearing = Hearing(
        _recording(task.sound, task.spec),
        _recording(task.source, task.spec),
        _recording(task.truth, task.spec) if task.truth else None,
        read_notes(task.notes) if task.notes else None,
    )
    measured = Measured({}, {}, {}, {})
    for entry in task.columns:
        if hearing.has(entry.needs):
            _measure_column(entry, hearing, measured)
    for name in FEATURES:
        _attempt(name, lambda name=name: getattr(hearing.sound, name), measured.features, measured)
    measured.save(task.target)


def _measure_column(entry: SongColumn, hearing: Hearing, measured: Measured) -> None:
    key = entry.column.key
    _attempt(key, lambda: float(entry.measure(hearing)), measured.values, measured)
    if not np.isfinite(measured.values.get(key, 0.0)):
        del measured.values[key]
        measured.problems[key] = "it is not defined for these sounds"


def _attempt(key: str, compute: Callable, results: dict, measured: Measured) -> None:
    """One result, with the time that it took; or the sentence that says why there is none."""
    began = time.process_time()
    try:
        results[key] = compute()
    except UserError as error:
        measured.problems[key] = str(error)
    except Exception as error:  # a number that fails must not take the others with it
        measured.problems[key] = f"{type(error).__name__}: {error}"
    measured.seconds[key] = time.process_time() - began


@functools.lru_cache(maxsize=6)
def _recording(path: Path, spec: AudioSpec) -> Recording:
    """A sound; source and truth are shared by the methods of a song, which follow each other."""
    return Recording(np.load(path), spec)
