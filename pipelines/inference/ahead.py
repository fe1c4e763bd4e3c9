"""Results of a function in the order of its arguments, some of them computed ahead in threads."""

from __future__ import annotations

import collections
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Argument = TypeVar("Argument")
Result = TypeVar("Result")


def in_threads(
    threads: int, function: Callable[[Argument], Result], arguments: Iterable[Argument]
) -> Iterator[Result]:
    """Results in order, in the memory of as many arguments and results as there are threads.

    Args:
        threads: number of threads; with one, nothing is computed ahead.
        function: whose errors are raised where its result would be.
        arguments: iterated by the caller's thread.
    """
    if threads == 1:
        yield from map(function, arguments)
        return
    pool: ThreadPoolExecutor = ThreadPoolExecutor(threads)
    running: collections.deque[Future[Result]] = collections.deque()
    try:
        for argument in arguments:
            running.append(pool.submit(function, argument))
            del argument
            if len(running) == threads:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
