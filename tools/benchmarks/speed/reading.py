"""Speed of the input pipeline beside the train step's, and the share of time spent waiting for batches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from tools.benchmarks import timing
from tools.benchmarks.timing import Spread

_BUFFERED = 8
"""More batches than a pipeline holds ready."""
_ROUNDS = 3

Step = Callable[[Any], object]
"""A complete train step of a batch."""


class Reading(NamedTuple):
    """Speed of the pipeline and of the step, apart and together.

    Attributes:
        alone: batches per second of the pipeline.
        fixed: steps per second, of one batch again and again.
        fed: steps per second of the pipeline's batches.
        waiting: share of the time of `fed` before the next batch was ready.
    """

    alone: Spread
    fixed: Spread
    fed: Spread
    waiting: Spread


def read(batches: Iterator[Any], step: Step, fixed: Any, seconds: float) -> Reading:
    """Takes batches, steps, and both, in turn.

    Args:
        batches: the pipeline's.
        step: warm.
        fixed: a batch.
        seconds: for each of the three.
    """
    count = max(3, round(seconds / _ROUNDS / timing.timed(lambda: step(fixed))))
    many = max(_BUFFERED, round(seconds / _ROUNDS / _pace(batches, _BUFFERED)))
    rounds = []
    for _ in range(_ROUNDS):
        alone = 1 / _pace(batches, many)
        still = count / timing.timed(lambda: [step(fixed) for _ in range(count)])
        rounds.append((alone, still, *_fed(batches, step, count)))
    return Reading(*(Spread.of(column) for column in zip(*rounds, strict=True)))


def _pace(batches: Iterator[Any], count: int) -> float:
    """Seconds for each batch, when nothing is held ready."""
    _empty(batches)
    return timing.timed(lambda: [next(batches) for _ in range(count)]) / count


def _fed(batches: Iterator[Any], step: Step, count: int) -> tuple[float, float]:
    """Steps per second, and the share of waiting, as in the middle of a run."""
    _empty(batches)
    step(next(batches))  # the first wait is that of the start
    began, waited = time.perf_counter(), 0.0
    for _ in range(count):
        asked = time.perf_counter()
        batch = next(batches)
        waited += time.perf_counter() - asked
        step(batch)
    elapsed = time.perf_counter() - began
    return count / elapsed, waited / elapsed


def _empty(batches: Iterator[Any]) -> None:
    for _ in range(_BUFFERED):
        next(batches)
