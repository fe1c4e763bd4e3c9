"""The workers of one version of one model, and the line of pieces of work before them."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import dataclasses
import time
from pathlib import Path
from typing import Any

from pipelines import console
from pipelines.serving.http_errors import Refused
from pipelines.serving.limits import Limits
from pipelines.serving.messages import Header
from pipelines.serving.metrics import Metrics
from pipelines.serving.workers import Worker, WorkerLost

_ATTEMPTS = 2
"""So often a piece of work is begun; a second worker that dies over it is the last."""
_LONGEST_PAUSE = 30.0


@dataclasses.dataclass(eq=False)
class Piece:
    """A piece of work: short, and the same however often it is done.

    Attributes:
        order: for the worker; of a prediction, without the "bodies".
        body: of a prediction: the file that holds the request.
        small: it may share a call of the model with others.
        done: header and content of the answer.
        attempts: how often it was begun.
    """

    order: Header
    body: str | None
    small: bool
    done: asyncio.Future[tuple[Header, bytes]]
    attempts: int = 0

    @property
    def joins(self) -> bool:
        """True if it may be batched with others; after a worker dies over it, it is retried alone."""
        return self.small and self.attempts == 0


class Pool:
    """Does pieces of work in the order in which they come, on processes that are replaced when they die."""

    def __init__(self, label: str, folder: Path, limits: Limits, metrics: Metrics, threads: int) -> None:
        """Names the model; nothing is started yet.

        Args:
            label: of the model, for metrics.
            folder: of its SavedModel.
            limits: of the server.
            metrics: of the server.
            threads: for each worker.
        """
        self._label, self._folder, self._limits = label, folder, limits
        self._metrics, self._threads = metrics, threads
        self._line: collections.deque[Piece] = collections.deque()
        self._changed = asyncio.Condition()
        self._slots: list[asyncio.Task[None]] = []
        self._watches: set[asyncio.Task[None]] = set()
        self.workers: set[Worker] = set()
        self.description: dict[str, Any] = {}

    async def open(self, workers: int) -> None:
        """Starts the workers.

        Raises:
            WorkerLost: if the model cannot be loaded.
        """
        first = await self._start()
        self.description = first.description
        self._slots = [
            asyncio.create_task(self._serve(first if index == 0 else None)) for index in range(workers)
        ]

    async def close(self) -> None:
        """Stops the workers; no work may be left."""
        for slot in self._slots:
            slot.cancel()
        await asyncio.gather(*self._slots, return_exceptions=True)
        await asyncio.gather(*(worker.stop() for worker in self.workers))
        self.workers.clear()

    async def play(self, order: Header) -> bytes:
        """Has a window of a song played.

        Raises:
            Refused: with 503 or 504.
        """
        return (await self._run(order, None, small=False))[1]

    async def predict(self, body: Path) -> tuple[int, bytes | Path]:
        """Has a predict request answered: its status, and its content or the file that holds it.

        Raises:
            Refused: with 503 or 504.
        """
        small = body.stat().st_size <= self._limits.small_bytes
        header, content = await self._run({"do": "predict"}, str(body), small=small)
        return header["status"], content or Path(f"{body}.answer")

    async def _run(self, order: Header, body: str | None, small: bool) -> tuple[Header, bytes]:
        piece = Piece(order, body, small, asyncio.get_running_loop().create_future())
        await self._enqueue(piece)
        try:
            return await asyncio.wait_for(piece.done, self._limits.wait_seconds)
        except asyncio.TimeoutError as error:
            raise Refused(504, "the request took too long and was given up") from error
        finally:
            with contextlib.suppress(ValueError):
                self._line.remove(piece)

    async def _enqueue(self, piece: Piece, first: bool = False) -> None:
        async with self._changed:
            (self._line.appendleft if first else self._line.append)(piece)
            self._changed.notify()

    async def _serve(self, worker: Worker | None) -> None:
        """Works until cancelled."""
        while True:
            worker = worker or await self._replacement()
            pieces = await self._next(worker)
            try:
                await self._work(worker, pieces)
            except WorkerLost as lost:
                console.say(f"coverband: a worker of {self._label} was lost: {lost}")
                self._discard(worker)
                worker = None
                for piece in reversed(pieces):
                    await self._again(piece, lost)

    async def _next(self, worker: Worker) -> list[Piece]:
        """The first piece, and what can go with it; nothing if the worker dies while it waits."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._line or worker.gone)
            if worker.gone:
                return []
            first = self._line.popleft()
            joining = [piece for piece in self._line if piece.joins] if first.joins else []
            for piece in joining[: self._limits.together - 1]:
                self._line.remove(piece)
            return [first, *joining[: self._limits.together - 1]]

    async def _work(self, worker: Worker, pieces: list[Piece]) -> None:
        """One message to a worker, and the answer to each piece."""
        if not pieces:
            raise WorkerLost("it died")
        for piece in pieces:
            piece.attempts += 1
        bodies = [piece.body for piece in pieces if piece.body]
        order = {**pieces[0].order, **({"bodies": bodies} if bodies else {})}
        began = time.monotonic()
        header, content = await worker.ask(order)
        self._metrics.worked(self._label, order["do"], time.monotonic() - began, len(pieces))
        start = 0
        for piece, shown in zip(pieces, header.get("answers", [{"bytes": len(content)}]), strict=True):
            if not piece.done.done():
                piece.done.set_result((shown, content[start : start + shown["bytes"]]))
            start += shown["bytes"]

    async def _again(self, piece: Piece, lost: WorkerLost) -> None:
        """Puts a piece over which a worker was lost first in line, once."""
        if piece.done.done():
            return
        if piece.attempts < _ATTEMPTS:
            await self._enqueue(piece, first=True)
        else:
            piece.done.set_exception(Refused(503, f"the model could not finish this request: {lost}", 5))

    async def _replacement(self) -> Worker:
        """A new worker, as soon as one starts."""
        pause = 1.0
        while True:
            try:
                return await self._start()
            except (WorkerLost, OSError) as error:
                console.say(f"coverband: a worker of {self._label} could not be started: {error}")
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)

    async def _start(self) -> Worker:
        worker = await Worker.start(self._folder, self._limits, self._threads)
        self.workers.add(worker)
        self._watches.add(watch := asyncio.create_task(self._watch(worker)))
        watch.add_done_callback(self._watches.discard)
        self._metrics.started.labels(self._label).inc()
        return worker

    async def _watch(self, worker: Worker) -> None:
        """Has a worker that dies while it is idle replaced at once."""
        await worker.wait()
        async with self._changed:
            self._changed.notify_all()

    def _discard(self, worker: Worker) -> None:
        worker.kill()
        self.workers.discard(worker)
        self._metrics.lost.labels(self._label).inc()
