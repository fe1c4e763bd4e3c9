"""Measurement of translations in worker processes, which do not load TensorFlow."""

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
from pipelines.evaluation.columns import Comparison, Feature, SongColumn
from pipelines.evaluation.recording import Recording
from pipelines.evaluation.store import Measurements
from pipelines.metrics.notes_file import read_notes
from pipelines.numba_cache import compile_librosa

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Environment variables that the linear algebra of NumPy and SciPy reads when it is loaded."""


@dataclasses.dataclass(frozen=True)
class Task:
    """One recording to be measured; paths are those of .npy files, float32 [samples].

    Attributes:
        label: names it in messages: "EQ match of bwv336".
        target: the file that the measurements are written to.
        spec: of the recordings.
        waveform: the recording to be measured.
        source: the song before translation.
        truth: the band's own recording; None if there is none.
        notes: the score (.mid); None if there is none.
        voice: the singer as part of the source; None without a stem.
        columns: the columns to measure.
        features: the style features to compute.
    """

    label: str
    target: Path
    spec: AudioSpec
    waveform: Path
    source: Path
    truth: Path | None = None
    notes: Path | None = None
    voice: Path | None = None
    columns: tuple[SongColumn, ...] = ()
    features: tuple[Feature, ...] = ()


def measure_all(tasks: Sequence[Task], description: str, jobs: int) -> Iterator[str]:
    """Measures every task that has no measurements yet.

    Args:
        tasks: the recordings.
        description: of the progress bar.
        jobs: number of worker processes.

    Yields:
        A sentence for every recording that could not be measured.
    """
    pending = [task for task in tasks if Measurements.load(task.target) is None]
    if not pending:
        return
    compile_librosa()
    with _single_threaded(), console.progress(len(pending), description, unit="recording") as bar:
        for task, result in worker_pool.run(measure, pending, jobs):
            bar.update()
            if isinstance(result, Exception):
                yield f"{task.label} could not be measured ({result!r}): it is left out"


@contextlib.contextmanager
def _single_threaded() -> Iterator[None]:
    """Makes processes that start in this context use one thread each: there is one process per core."""
    before = {name: os.environ.get(name) for name in _THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(_THREAD_VARIABLES, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def measure(task: Task) -> None:
    """Measures one recording and writes its measurements."""
    comparison = Comparison(
        _recording(task.waveform, task.spec),
        _recording(task.source, task.spec),
        _recording(task.truth, task.spec) if task.truth else None,
        read_notes(task.notes) if task.notes else None,
        np.load(task.voice) if task.voice else None,
    )
    results = Measurements({}, {}, {}, {})
    for entry in task.columns:
        if comparison.has(entry.requires):
            _measure_column(entry, comparison, results)
    for name in task.features:
        _compute(name, lambda name=name: getattr(comparison.translation, name), results.features, results)
    results.save(task.target)


def _measure_column(entry: SongColumn, comparison: Comparison, results: Measurements) -> None:
    key = entry.column.key
    _compute(key, lambda: float(entry.measure(comparison)), results.values, results)
    if not np.isfinite(results.values.get(key, 0.0)):
        del results.values[key]
        results.missing[key] = "it is not defined for these recordings"


def _compute(key: str, function: Callable, target: dict, results: Measurements) -> None:
    """Stores a function's result and its processor time; or the reason why it failed."""
    start = time.process_time()
    try:
        target[key] = function()
    except UserError as error:
        results.missing[key] = str(error)
    except Exception as error:  # one failing metric must not prevent the others
        results.missing[key] = f"{type(error).__name__}: {error}"
    results.seconds[key] = time.process_time() - start


@functools.lru_cache(maxsize=6)
def _recording(path: Path, spec: AudioSpec) -> Recording:
    """Recording of a .npy file; source and truth stay cached for the systems of a song, measured in a row."""
    return Recording(np.load(path), spec)
