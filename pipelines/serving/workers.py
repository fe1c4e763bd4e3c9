"""The server's end of a worker process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import Any

from pipelines.serving.limits import Limits
from pipelines.serving.messages import Header, Message, packed, receive_async

_START_SECONDS = 900.0
_LEAVE_SECONDS = 5.0


class WorkerLost(Exception):
    """The process has died, or did not answer in time and was killed."""


class Worker:
    """A process that has loaded a model."""

    def __init__(self, process: asyncio.subprocess.Process, limits: Limits) -> None:
        self._process, self._limits = process, limits
        self.description: dict[str, Any] = {}

    @classmethod
    async def start(cls, folder: Path, limits: Limits, threads: int) -> Worker:
        """Starts a process and waits until its model is warm.

        Args:
            folder: of the SavedModel.
            limits: of the server.
            threads: that its operations may use.

        Raises:
            WorkerLost: if it dies before, with the reason.
        """
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "pipelines.serving.worker", str(folder), str(limits.song_seconds)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **_threads(threads)},
            start_new_session=True,  # Ctrl-C is for the server, which then lets it finish
        )
        worker = cls(process, limits)
        try:
            worker.description, _ = await worker._answer(_START_SECONDS)
            if "error" in worker.description:
                raise WorkerLost(worker.description["error"])
        except BaseException:
            worker.kill()
            raise
        return worker

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    @property
    def gone(self) -> bool:
        """True if the process has ended."""
        return self._process.returncode is not None

    async def wait(self) -> None:
        """Until the process has ended."""
        await self._process.wait()

    async def ask(self, order: Header) -> Message:
        """Has a piece of work done.

        Raises:
            WorkerLost: if the process dies over it, or takes longer than `Limits.piece_seconds`.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(packed(order))
            await self._process.stdin.drain()
        except (ConnectionError, RuntimeError) as error:
            raise WorkerLost("it is gone") from error
        return await self._answer(self._limits.piece_seconds)

    async def stop(self) -> None:
        """Lets the process end by itself; one that does not is killed."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._process.wait(), _LEAVE_SECONDS)
        self.kill()
        await self._process.wait()

    def kill(self) -> None:
        """Ends the process at once."""
        if not self.gone:
            # The process's own kill would collect a dead child, which asyncio's watcher then misses.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    async def _answer(self, seconds: float) -> Message:
        assert self._process.stdout is not None
        try:
            return await asyncio.wait_for(receive_async(self._process.stdout), seconds)
        except (asyncio.IncompleteReadError, ValueError) as error:
            raise WorkerLost("it died") from error
        except asyncio.TimeoutError as error:
            raise WorkerLost(f"it did not answer within {seconds:g} s") from error


def _threads(count: int) -> dict[str, str]:
    return {
        "TF_NUM_INTRAOP_THREADS": str(count),
        "TF_NUM_INTEROP_THREADS": "1",
        "OMP_NUM_THREADS": str(count),
    }
