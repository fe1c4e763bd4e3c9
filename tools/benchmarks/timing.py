"""Times of things that are done alternately, their ratios, and the memory that each takes alone."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np

from pipelines.data import worker_pool

Act = Callable[[], object]
"""Does once what is measured, to the end: nothing of it is under way when it returns."""
Make = Callable[[], Act]
"""Prepares what is measured. It travels to other processes: a function of a module, or a partial of one."""
Result = TypeVar("Result")

LEAST_ROUNDS = 3
_THREADS = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)


class Spread(NamedTuple):
    """Repeated measurements of one thing: the one in the middle, the smallest and the largest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of at least one value."""
        return cls(float(np.median(values)), float(min(values)), float(max(values)))

    def per(self, amount: float) -> Spread:
        """Of seconds: how much of an amount is done in a second; the quickest round has the most."""
        return Spread(amount / self.median, amount / self.high, amount / self.low)

    def times(self, factor: float) -> Spread:
        """In another unit; the factor is positive."""
        return Spread(*(factor * value for value in self))


def ratio(theirs: Sequence[float], ours: Sequence[float]) -> Spread:
    """Ratio of the other side's time to ours, round by round: how many times as fast ours is.

    Other load of the machine affects both sides of a round, and so has less effect on their ratio.

    Args:
        theirs: seconds of each round.
        ours: of the same rounds.
    """
    return Spread.of([a / b for a, b in zip(theirs, ours, strict=True)])


def alternately(
    acts: Mapping[str, Act], seconds: float, least: int = LEAST_ROUNDS
) -> dict[str, tuple[float, ...]]:
    """Does all of them in turn, again and again: A B A B ...

    Args:
        acts: by name. Each is done twice before: what is done once only is no part of its time.
        seconds: for each of them, together.
        least: rounds, however long they take.

    Returns:
        Seconds by name, one number for each round.
    """
    for act in (*acts.values(), *acts.values()):
        act()
    taken: dict[str, list[float]] = {name: [] for name in acts}
    until = time.perf_counter() + seconds * len(acts)
    while len(next(iter(taken.values()))) < least or time.perf_counter() < until:
        for name, act in acts.items():
            taken[name].append(timed(act))
    return {name: tuple(values) for name, values in taken.items()}


def timed(act: Act) -> float:
    """Seconds that it takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def race(makes: Mapping[str, Make], seconds: float) -> dict[str, tuple[float, ...]]:
    """`alternately`, in a process of its own.

    Args:
        makes: by name.
        seconds: see `alternately`.
    """
    return apart(_race, (dict(makes), seconds))


def _race(task: tuple[dict[str, Make], float]) -> dict[str, tuple[float, ...]]:
    makes, seconds = task
    return alternately({name: make() for name, make in makes.items()}, seconds)


def memory(make: Make) -> float:
    """The most memory that it takes in a process of its own, MB beyond the libraries'."""
    return apart(_memory, make)


def memories(makes: Mapping[str, Make], wanted: bool = True) -> dict[str, float | None]:
    """The cells of a table that tell the memory of each side."""
    return {f"{name}, MB": memory(make) if wanted else None for name, make in makes.items()}


def _memory(make: Make) -> float:
    load_libraries()
    before = peak()
    act = make()
    for _ in range(2):
        act()
    return peak() - before


def load_libraries() -> None:
    """Loads what either side of a race stands on, and has each do something."""
    import librosa
    import tensorflow as tf

    from tools.benchmarks.pytorch import has_torch

    next(iter(tf.data.Dataset.range(2)))
    librosa.feature.melspectrogram(y=np.zeros(4096, np.float32))
    if has_torch():
        import torch

        torch.zeros(1)


def peak() -> float:
    """The most memory that this process has held so far, MB.

    Linux counts it for the program that runs; getrusage's number includes that of the process that began it.
    """
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # macOS counts in bytes


def apart(function: Callable[[Any], Result], task: Any) -> Result:
    """Result of a function for a task, computed in a fresh process; raises what the function raises there."""
    ((_, result),) = worker_pool.run(function, [task], 1)
    if isinstance(result, Exception):
        raise result
    found: Result = result
    return found


def limit_threads(count: int) -> None:
    """Gives every library so many threads, in processes that are started from now on."""
    os.environ.update(dict.fromkeys(_THREADS, str(count)))
    os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"  # or nothing of a GPU is left to the other side
