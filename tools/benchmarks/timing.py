"""Times and ratios of functions that are run alternately, and the peak memory of each."""

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
"""Function that is measured; it returns when its work has ended."""
Make = Callable[[], Act]
"""Picklable factory of an `Act`: a function of a module, or a partial of one."""
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
    """Median, minimum and maximum of repeated measurements."""

    median: float
    low: float
    high: float

    @classmethod
    def from_values(cls, values: Sequence[float]) -> Spread:
        """Spread of at least one value."""
        return cls(float(np.median(values)), float(min(values)), float(max(values)))

    def per(self, amount: float) -> Spread:
        """Rates of an amount, from a spread of seconds: amount per second."""
        return Spread(amount / self.median, amount / self.high, amount / self.low)

    def times(self, factor: float) -> Spread:
        """Spread in another unit, by a positive factor."""
        return Spread(*(factor * value for value in self))


def ratio(reference: Sequence[float], ours: Sequence[float]) -> Spread:
    """Speed-up over a reference: ratio of both times in each round.

    Other load of the machine affects both sides of a round, and so has less effect on their ratio.

    Args:
        reference: seconds of the reference in each round.
        ours: seconds of the measured implementation in the same rounds.
    """
    return Spread.from_values([a / b for a, b in zip(reference, ours, strict=True)])


def alternately(
    acts: Mapping[str, Act], seconds: float, least: int = LEAST_ROUNDS
) -> dict[str, tuple[float, ...]]:
    """Seconds of functions that are run alternately: A B A B ...

    Args:
        acts: functions by name. Each is called twice before, which excludes tracing and caching.
        seconds: total duration for each function.
        least: least number of rounds.

    Returns:
        Seconds by name, one number for each round.
    """
    for act in (*acts.values(), *acts.values()):
        act()
    times: dict[str, list[float]] = {name: [] for name in acts}
    until = time.perf_counter() + seconds * len(acts)
    while len(next(iter(times.values()))) < least or time.perf_counter() < until:
        for name, act in acts.items():
            times[name].append(timed(act))
    return {name: tuple(values) for name, values in times.items()}


def timed(act: Act) -> float:
    """Seconds of one call."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def race(makes: Mapping[str, Make], seconds: float) -> dict[str, tuple[float, ...]]:
    """`alternately` in a process of its own.

    Args:
        makes: factories of the functions, by name.
        seconds: see `alternately`.
    """
    return apart(_race, (dict(makes), seconds))


def _race(task: tuple[dict[str, Make], float]) -> dict[str, tuple[float, ...]]:
    makes, seconds = task
    return alternately({name: make() for name, make in makes.items()}, seconds)


def memory(make: Make) -> float:
    """Peak memory of a function in a process of its own, MB beyond that of the libraries."""
    return apart(_memory, make)


def memories(makes: Mapping[str, Make], wanted: bool = True) -> dict[str, float | None]:
    """Cells of a table with the memory of each side; None unless wanted."""
    return {f"{name}, MB": memory(make) if wanted else None for name, make in makes.items()}


def _memory(make: Make) -> float:
    load_libraries()
    before = peak()
    act = make()
    for _ in range(2):
        act()
    return peak() - before


def load_libraries() -> None:
    """Loads and initialises TensorFlow, librosa and PyTorch."""
    import librosa
    import tensorflow as tf

    from tools.benchmarks.pytorch import has_torch

    next(iter(tf.data.Dataset.range(2)))
    librosa.feature.melspectrogram(y=np.zeros(4096, np.float32))
    if has_torch():
        import torch

        torch.zeros(1)


def peak() -> float:
    """Peak memory of this process so far, MB.

    VmHWM counts from the start of this program; getrusage includes the peak of the parent before it.
    """
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # macOS counts in bytes


def apart(function: Callable[[Any], Result], task: Any) -> Result:
    """Result of a function for a task, computed in a process of its own; re-raises its exceptions."""
    ((_, result),) = worker_pool.run(function, [task], 1)
    if isinstance(result, Exception):
        raise result
    value: Result = result
    return value


def limit_threads(count: int) -> None:
    """Limits the threads of every library, in processes that are started afterwards."""
    os.environ.update(dict.fromkeys(_THREADS, str(count)))
    os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"  # otherwise TensorFlow takes all memory of the GPU
