"""Worker pool of one model version, with its queue."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import dataclasses
import time
from pathlib import Path
from typing import Any

from pipelines import console
from pipelines.serving import messages
from pipelines.serving.http_errors import HttpError
from pipelines.serving.limits import Limits
from pipelines.serving.messages import Header
from pipelines.serving.metrics import Metrics
from pipelines.serving.worker_process import WorkerLostError, WorkerProcess

_ATTEMPTS = 2
"""Attempts at a work item; it fails when a second worker dies during it."""
_MAX_RESTART_DELAY = 30.0


@dataclasses.dataclass(eq=False)
class WorkItem:
    """Idempotent request to a worker: a window of a song, or a prediction.

    Attributes:
        request: header of the message; of a prediction without its "bodies".
        body: of a prediction: file of the HTTP request's body; else None.
        small: may be batched.
        result: header and content of the response.
        attempts: number of attempts.
    """

    request: Header
    body: str | None
    small: bool
    result: asyncio.Future[tuple[Header, bytes]]
    attempts: int = 0

    @property
    def batchable(self) -> bool:
        """True if it may be batched with others; after a worker has died, it is retried alone."""
        return self.small and self.attempts == 0


class WorkerPool:
    """Worker processes that serve a queue in order; dead ones are replaced.

    Attributes:
        workers: running processes.
        description: of the model, see `Engine.describe`.
    """

    def __init__(self, label: str, folder: Path, limits: Limits, metrics: Metrics, threads: int) -> None:
        """Creates a pool without workers; see `open`.

        Args:
            label: of the model, for metrics.
            folder: of its SavedModel or its ONNX export.
            limits: of the server.
            metrics: of the server.
            threads: for each worker.
        """
        self._label, self._folder, self._limits = label, folder, limits
        self._metrics, self._threads = metrics, threads
        self._queue: collections.deque[WorkItem] = collections.deque()
        self._changed = asyncio.Condition()
        self._serving: list[asyncio.Task[None]] = []
        self._exit_watches: set[asyncio.Task[None]] = set()
        self.workers: set[WorkerProcess] = set()
        self.description: dict[str, Any] = {}

    async def open(self, workers: int) -> None:
        """Starts the workers.

        Raises:
            WorkerLostError: if the model cannot be loaded.
        """
        first = await self._start()
        self.description = first.description
        self._serving = [
            asyncio.create_task(self._serve(first if index == 0 else None)) for index in range(workers)
        ]

    async def close(self) -> None:
        """Stops the workers; the queue must be empty."""
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        await asyncio.gather(*(worker.stop() for worker in self.workers))
        self.workers.clear()

    async def translate_window(self, request: Header) -> bytes:
        """Translates a window of a song.

        Args:
            request: of the kind `messages.TRANSLATE`, see `streaming`.

        Returns:
            Samples, interleaved little-endian float32.

        Raises:
            HttpError: with 503 or 504.
        """
        return (await self._run(request, None, small=False))[1]

    async def predict(self, body: Path) -> tuple[int, bytes | Path]:
        """Runs a predict request.

        Args:
            body: file of the HTTP request's body.

        Returns:
            HTTP status, and the content of the response or the file that contains it.

        Raises:
            HttpError: with 503 or 504.
        """
        small = body.stat().st_size <= self._limits.small_bytes
        header, content = await self._run({"kind": messages.PREDICT}, str(body), small=small)
        return header["status"], content or Path(f"{body}.response")

    async def _run(self, request: Header, body: str | None, small: bool) -> tuple[Header, bytes]:
        item = WorkItem(request, body, small, asyncio.get_running_loop().create_future())
        await self._enqueue(item)
        try:
            return await asyncio.wait_for(item.result, self._limits.wait_seconds)
        except asyncio.TimeoutError as error:
            raise HttpError(504, "the request took too long and was cancelled") from error
        finally:
            with contextlib.suppress(ValueError):
                self._queue.remove(item)

    async def _enqueue(self, item: WorkItem, first: bool = False) -> None:
        async with self._changed:
            (self._queue.appendleft if first else self._queue.append)(item)
            self._changed.notify()

    async def _serve(self, worker: WorkerProcess | None) -> None:
        """Serves the queue with one worker, and its replacements, until cancelled."""
        while True:
            worker = worker or await self._replacement()
            batch = await self._next_batch(worker)
            try:
                await self._run_batch(worker, batch)
            except WorkerLostError as error:
                console.say(f"coverband: a worker of {self._label} was lost: {error}")
                self._discard(worker)
                worker = None
                for item in reversed(batch):
                    await self._retry(item, error)

    async def _next_batch(self, worker: WorkerProcess) -> list[WorkItem]:
        """First item of the queue and those to be batched with it; empty if the worker dies while idle."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._queue or worker.has_exited)
            if worker.has_exited:
                return []
            first = self._queue.popleft()
            others = [item for item in self._queue if item.batchable] if first.batchable else []
            others = others[: self._limits.max_batch - 1]
            for item in others:
                self._queue.remove(item)
            return [first, *others]

    async def _run_batch(self, worker: WorkerProcess, batch: list[WorkItem]) -> None:
        """Sends one message to a worker, and sets the result of each item."""
        if not batch:
            raise WorkerLostError("it died")
        for item in batch:
            item.attempts += 1
        bodies = [item.body for item in batch if item.body]
        request = {**batch[0].request, **({"bodies": bodies} if bodies else {})}
        began = time.monotonic()
        header, content = await worker.request(request)
        self._metrics.observe_call(self._label, request["kind"], time.monotonic() - began, len(batch))
        start = 0
        for item, result in zip(batch, header.get("results", [{"bytes": len(content)}]), strict=True):
            if not item.result.done():
                item.result.set_result((result, content[start : start + result["bytes"]]))
            start += result["bytes"]

    async def _retry(self, item: WorkItem, error: WorkerLostError) -> None:
        """Moves an item during which a worker died to the front of the queue, up to `_ATTEMPTS`."""
        if item.result.done():
            return
        if item.attempts < _ATTEMPTS:
            await self._enqueue(item, first=True)
        else:
            item.result.set_exception(HttpError(503, f"the model could not finish this request: {error}", 5))

    async def _replacement(self) -> WorkerProcess:
        """Starts a new worker, with growing delays after failures."""
        delay = 1.0
        while True:
            try:
                return await self._start()
            except (WorkerLostError, OSError) as error:
                console.say(f"coverband: a worker of {self._label} could not be started: {error}")
                await asyncio.sleep(delay)
                delay = min(2 * delay, _MAX_RESTART_DELAY)

    async def _start(self) -> WorkerProcess:
        worker = await WorkerProcess.start(self._folder, self._limits, self._threads)
        self.workers.add(worker)
        self._exit_watches.add(watch := asyncio.create_task(self._watch_exit(worker)))
        watch.add_done_callback(self._exit_watches.discard)
        self._metrics.started.labels(self._label).inc()
        return worker

    async def _watch_exit(self, worker: WorkerProcess) -> None:
        """Wakes up `_next_batch` when an idle worker dies, so that it is replaced at once."""
        await worker.wait()
        async with self._changed:
            self._changed.notify_all()

    def _discard(self, worker: WorkerProcess) -> None:
        worker.kill()
        self.workers.discard(worker)
        self._metrics.lost.labels(self._label).inc()
