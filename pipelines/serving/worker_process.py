"""Handle of a worker process in the server, see `pipelines.serving.worker`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import Any

from pipelines.serving.limits import Limits
from pipelines.serving.messages import Header, Message, encode, receive_async

_START_SECONDS = 900.0
_STOP_SECONDS = 5.0


class WorkerLostError(Exception):
    """Death of a worker, or a timeout after which it is killed."""


class WorkerProcess:
    """Process with a loaded model.

    Attributes:
        description: of the model, see `Engine.describe`.
    """

    def __init__(self, process: asyncio.subprocess.Process, limits: Limits) -> None:
        self._process, self._limits = process, limits
        self.description: dict[str, Any] = {}

    @classmethod
    async def start(cls, folder: Path, limits: Limits, threads: int) -> WorkerProcess:
        """Starts a process and waits for the warm-up of its model.

        Args:
            folder: of the SavedModel or the ONNX export.
            limits: of the server.
            threads: of the computation.

        Raises:
            WorkerLostError: with the reason, if it dies before.
        """
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "pipelines.serving.worker", str(folder), str(limits.song_seconds)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **_thread_variables(threads)},
            start_new_session=True,  # Ctrl-C reaches the server only, which lets the worker finish
        )
        worker = cls(process, limits)
        try:
            worker.description, _ = await worker._receive(_START_SECONDS)
            if "error" in worker.description:
                raise WorkerLostError(worker.description["error"])
        except BaseException:
            worker.kill()
            raise
        return worker

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def has_exited(self) -> bool:
        """True if the process has ended."""
        return self._process.returncode is not None

    async def wait(self) -> None:
        """Waits for the end of the process."""
        await self._process.wait()

    async def request(self, header: Header) -> Message:
        """Sends a request and waits for the response.

        Raises:
            WorkerLostError: if the process dies, or takes longer than `Limits.call_seconds`.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(encode(header))
            await self._process.stdin.drain()
        except (ConnectionError, RuntimeError) as error:
            raise WorkerLostError("it has exited") from error
        return await self._receive(self._limits.call_seconds)

    async def stop(self) -> None:
        """Closes the process's input, and kills it if it does not exit."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._process.wait(), _STOP_SECONDS)
        self.kill()
        await self._process.wait()

    def kill(self) -> None:
        """Kills the process."""
        if not self.has_exited:
            # The process's own kill would collect a dead child, which asyncio's watcher then misses.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    async def _receive(self, seconds: float) -> Message:
        assert self._process.stdout is not None
        try:
            return await asyncio.wait_for(receive_async(self._process.stdout), seconds)
        except (asyncio.IncompleteReadError, ValueError) as error:
            raise WorkerLostError("it died") from error
        except asyncio.TimeoutError as error:
            raise WorkerLostError(f"it did not answer within {seconds:g} s") from error


def _thread_variables(count: int) -> dict[str, str]:
    return {
        "TF_NUM_INTRAOP_THREADS": str(count),
        "TF_NUM_INTEROP_THREADS": "1",
        "OMP_NUM_THREADS": str(count),
    }
