"""A pool of processes that survives its workers: one file that kills a decoder does not end the run."""

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

Task = TypeVar("Task")


def run(
    function: Callable[[Task], Any], tasks: Iterable[Task], jobs: int
) -> Generator[tuple[Task, Any], None, None]:
    """Runs a function on every task, in several processes.

    When a worker dies, the tasks that were running are tried again, each in a process of its own, to find the
    one that kills it; the others go on in a fresh pool.

    Args:
        function: of the module level (it travels to other processes, which are spawned, not forked).
        tasks: its arguments.
        jobs: number of processes.

    Yields:
        (task, result) as they are finished, in any order; the result of a task that failed is the exception.
    """
    waiting = deque(tasks)
    while waiting:
        suspects = yield from _until_broken(function, waiting, jobs)
        for task in suspects:
            yield task, _alone(function, task)


def _until_broken(
    function: Callable[[Task], Any], waiting: deque[Task], jobs: int
) -> Generator[tuple[Task, Any], None, list[Task]]:
    """Works the queue off; returns the tasks that were running when a worker died, if one did."""
    running: dict[Future[Any], Task] = {}
    with _pool(min(jobs, len(waiting))) as pool:
        while waiting or running:
            # Never more than the processes can take: whatever is running is a suspect when one dies.
            while waiting and len(running) < jobs:
                task = waiting.popleft()
                running[pool.submit(function, task)] = task
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                if isinstance(future.exception(), BrokenProcessPool):
                    return list(running.values())
                yield running.pop(future), _outcome(future)
    return []


def _alone(function: Callable[[Task], Any], task: Task) -> Any:
    with contextlib.closing(Single()) as single:
        return single.run(function, task)


class Single:
    """A process that does one task after the other; when one kills it, the next has a fresh one."""

    def __init__(self) -> None:
        """Starts nothing yet."""
        self._pool: ProcessPoolExecutor | None = None

    def run(self, function: Callable[[Task], Any], task: Task) -> Any:
        """The function's result, or the exception that it ended with.

        Args:
            function: of the module level, as in `run`.
            task: its argument.
        """
        self._pool = self._pool or _pool(1)
        outcome = _outcome(self._pool.submit(function, task))
        if isinstance(outcome, BrokenProcessPool):
            self.close()
        return outcome

    def close(self) -> None:
        """Ends the process, if there is one."""
        if self._pool is not None:
            self._pool.shutdown()
        self._pool = None


def _outcome(future: Future[Any]) -> Any:
    return future.exception() or future.result()


def _pool(jobs: int) -> ProcessPoolExecutor:
    # Spawned, because forking a process with TensorFlow's threads can deadlock.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=settle)


def settle(stderr: str = os.devnull) -> None:
    """Initialiser of a spawned process, which leaves Ctrl-C to its parent and ends when its parent ends.

    Args:
        stderr: the file that stderr is redirected to. Decoders in C write notes about damaged files; errors
            that matter are returned as exceptions.
    """
    os.dup2(os.open(stderr, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666), 2)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
