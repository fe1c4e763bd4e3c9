"""Speed of the input pipeline and of the train step, and the share of time spent waiting for batches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from tools.benchmarks import timing
from tools.benchmarks.timing import Spread

_BUFFERED = 8
"""More batches than a pipeline prefetches."""
_ROUNDS = 3

Step = Callable[[Any], object]
"""Complete train step of a batch."""


class Reading(NamedTuple):
    """Speed of the pipeline and of the step, separately and together.

    Attributes:
        alone: batches per second of the pipeline.
        fixed: steps per second of one batch.
        fed: steps per second of the pipeline's batches.
        waiting: share of the time of `fed` spent waiting for the next batch.
    """

    alone: Spread
    fixed: Spread
    fed: Spread
    waiting: Spread


def read(batches: Iterator[Any], step: Step, fixed: Any, seconds: float) -> Reading:
    """Measures the pipeline, the step, and both together, alternately.

    Args:
        batches: endless batches of the pipeline.
        step: train step, already traced.
        fixed: batch for the step alone.
        seconds: duration of each of the three measurements.
    """
    steps = max(3, round(seconds / _ROUNDS / timing.timed(lambda: step(fixed))))
    count = max(_BUFFERED, round(seconds / _ROUNDS / _pace(batches, _BUFFERED)))
    rounds = []
    for _ in range(_ROUNDS):
        alone = 1 / _pace(batches, count)
        rate = steps / timing.timed(lambda: [step(fixed) for _ in range(steps)])
        rounds.append((alone, rate, *_fed(batches, step, steps)))
    return Reading(*(Spread.from_values(column) for column in zip(*rounds, strict=True)))


def _pace(batches: Iterator[Any], count: int) -> float:
    """Seconds per batch, with an empty prefetch buffer."""
    _drain(batches)
    return timing.timed(lambda: [next(batches) for _ in range(count)]) / count


def _fed(batches: Iterator[Any], step: Step, count: int) -> tuple[float, float]:
    """Steps per second and share of waiting, as in the middle of a run."""
    _drain(batches)
    step(next(batches))  # the first wait belongs to the start of a run
    began, waited = time.perf_counter(), 0.0
    for _ in range(count):
        requested = time.perf_counter()
        batch = next(batches)
        waited += time.perf_counter() - requested
        step(batch)
    elapsed = time.perf_counter() - began
    return count / elapsed, waited / elapsed


def _drain(batches: Iterator[Any]) -> None:
    """Empties the prefetch buffer."""
    for _ in range(_BUFFERED):
        next(batches)
