"""Fault-tolerant pool of processes: a task that crashes its worker does not affect the other tasks."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

Argument = TypeVar("Argument")


def run(
    function: Callable[[Argument], Any], tasks: Iterable[Argument], jobs: int
) -> Generator[tuple[Argument, Any], None, None]:
    """Results of a function for every task, computed in several processes.

    When a worker dies, the tasks that were running are repeated, each in a process of its own, to isolate the
    one that crashes it; the other tasks continue in a new pool.

    Args:
        function: defined at module level, since it is pickled for spawned processes.
        tasks: its arguments.
        jobs: number of processes.

    Yields:
        (task, result) in order of completion; the result of a task that failed is the exception.
    """
    waiting = deque(tasks)
    while waiting:
        suspects = yield from _until_broken(function, waiting, jobs)
        for task in suspects:
            yield task, _run_alone(function, task)


def _until_broken(
    function: Callable[[Argument], Any], waiting: deque[Argument], jobs: int
) -> Generator[tuple[Argument, Any], None, list[Argument]]:
    """Results of queued tasks; returns the tasks that were running when a worker died, if one did."""
    running: dict[Future[Any], Argument] = {}
    with _pool(min(jobs, len(waiting))) as pool:
        while waiting or running:
            # At most one task per process: every running task is a suspect when a worker dies.
            while waiting and len(running) < jobs:
                task = waiting.popleft()
                running[pool.submit(function, task)] = task
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                if isinstance(future.exception(), BrokenProcessPool):
                    return list(running.values())
                yield running.pop(future), _outcome(future)
    return []


def _run_alone(function: Callable[[Argument], Any], task: Argument) -> Any:
    with contextlib.closing(SingleWorker()) as worker:
        return worker.run(function, task)


class SingleWorker:
    """Process that runs one task after the other; after a crash, the next task gets a new process."""

    def __init__(self) -> None:
        """Creates a worker; its process starts with the first task."""
        self._pool: ProcessPoolExecutor | None = None

    def run(self, function: Callable[[Argument], Any], task: Argument) -> Any:
        """Result of the function, or the exception that it raised.

        Args:
            function: defined at module level, as for the function `run`.
            task: its argument.
        """
        self._pool = self._pool or _pool(1)
        outcome = _outcome(self._pool.submit(function, task))
        if isinstance(outcome, BrokenProcessPool):
            self.close()
        return outcome

    def close(self) -> None:
        """Ends the process, if one is running."""
        if self._pool is not None:
            self._pool.shutdown()
        self._pool = None


def _outcome(future: Future[Any]) -> Any:
    return future.exception() or future.result()


def _pool(jobs: int) -> ProcessPoolExecutor:
    # Spawned, because forking a process with TensorFlow's threads can deadlock.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=initialise_worker)


def initialise_worker(stderr: str = os.devnull) -> None:
    """Initialiser of a spawned process: it ignores Ctrl-C, redirects stderr, and ends with its parent.

    Args:
        stderr: file that stderr is redirected to. Decoders in C print notes about damaged files; errors are
            returned as exceptions.
    """
    os.dup2(os.open(stderr, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666), 2)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
