"""Registry of the served models: the newest version of each, replaced without interrupting requests."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from pipelines import console
from pipelines.errors import UserError
from pipelines.serving import folders
from pipelines.serving.http_errors import HttpError
from pipelines.serving.limits import Limits
from pipelines.serving.metrics import Metrics
from pipelines.serving.pool import WorkerPool
from pipelines.serving.worker_process import WorkerLostError

POLL_SECONDS = 2.0
"""Interval of the search for new versions."""


@dataclasses.dataclass(eq=False)
class ModelVersion:
    """One version of a model.

    Attributes:
        number: of the version.
        pool: its workers.
        state: in the terms of TensorFlow Serving: LOADING, AVAILABLE, UNLOADING or END.
        error: of the loading; empty if there was none.
        users: number of requests that use it.
        released: set when the last of them ends.
    """

    number: int
    pool: WorkerPool
    state: str = "LOADING"
    error: str = ""
    users: int = 0
    released: asyncio.Event = dataclasses.field(default_factory=asyncio.Event)


class ModelRegistry:
    """Registry of all models of a server.

    Attributes:
        versions: name of the model -> number -> version.
    """

    def __init__(
        self,
        roots: Sequence[Path],
        limits: Limits,
        workers: int,
        threads: int,
        metrics: Callable[[], Metrics],
    ) -> None:
        """Creates an empty registry; see `refresh`.

        Args:
            roots: see `folders.find`.
            limits: of the server.
            workers: processes for each model.
            threads: for each process.
            metrics: returns the server's metrics.
        """
        self._roots, self._limits, self._workers = roots, limits, workers
        self._threads, self._metrics = threads, metrics
        self.versions: dict[str, dict[int, ModelVersion]] = {}
        self._unloading: set[asyncio.Task[None]] = set()

    async def refresh(self) -> None:
        """Loads the newest version of every model, then unloads the older ones.

        Raises:
            UserError: if a folder does not exist any more.
        """
        found = folders.find(self._roots)
        newest = {name: max(versions) for name, versions in found.items()}
        missing = [
            (name, number, found[name][number])
            for name, number in newest.items()
            if number not in self.versions.get(name, {})
        ]
        await asyncio.gather(*(self._load(*each) for each in missing))

    async def poll(self) -> None:
        """Refreshes every `POLL_SECONDS` until cancelled."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                await self.refresh()
            except (UserError, OSError) as error:
                console.say(f"coverband: {error}")

    async def close(self) -> None:
        """Stops all workers; there must be no request in progress."""
        for task in self._unloading:
            task.cancel()
        pools = [v.pool for versions in self.versions.values() for v in versions.values() if v.state != "END"]
        await asyncio.gather(*(pool.close() for pool in pools))

    @contextlib.asynccontextmanager
    async def use(self, name: str, number: int | None = None) -> AsyncIterator[WorkerPool]:
        """Context of the use of a model, whose version is not unloaded before its end.

        Args:
            name: of the model.
            number: of the version; None for the newest.

        Raises:
            HttpError: with 404, if it is not available.
        """
        version = self._available(name, number)
        version.users += 1
        try:
            yield version.pool
        finally:
            version.users -= 1
            if not version.users:
                version.released.set()

    def newest(self) -> dict[str, ModelVersion]:
        """Newest available version of each model, by name."""
        return {name: self._available(name, None) for name in self.versions if self._numbers(name)}

    def processes(self) -> dict[int, str]:
        """Process ids of all workers, with the name of the model."""
        pools = [(name, each.pool) for name, versions in self.versions.items() for each in versions.values()]
        return {worker.pid: name for name, pool in pools for worker in pool.workers}

    def _numbers(self, name: str) -> list[int]:
        versions = self.versions.get(name, {}).values()
        return [version.number for version in versions if version.state == "AVAILABLE"]

    def _available(self, name: str, number: int | None) -> ModelVersion:
        numbers = self._numbers(name)
        if not numbers or (number is not None and number not in numbers):
            which = f"Latest({name})" if number is None else f"Specific({name}, {number})"
            raise HttpError(404, f"Servable not found for request: {which}")
        return self.versions[name][max(numbers) if number is None else number]

    async def _load(self, name: str, number: int, folder: Path) -> None:
        pool = WorkerPool(name, folder, self._limits, self._metrics(), self._threads)
        version = self.versions.setdefault(name, {})[number] = ModelVersion(number, pool)
        try:
            await pool.open(self._workers)
        except (WorkerLostError, OSError) as error:
            version.state, version.error = "END", str(error)
            console.say(f"coverband: {folder} could not be loaded: {error}")
            return
        version.state = "AVAILABLE"
        console.say(f"coverband: {name}, version {number}, is available")
        for older in self.versions[name].values():
            if older.number != number and older.state == "AVAILABLE":
                self._start_unloading(older)

    def _start_unloading(self, version: ModelVersion) -> None:
        version.state = "UNLOADING"
        self._unloading.add(task := asyncio.create_task(self._unload(version)))
        task.add_done_callback(self._unloading.discard)

    async def _unload(self, version: ModelVersion) -> None:
        """Stops a version's workers after the requests that use it."""
        while version.users:
            version.released.clear()
            await version.released.wait()
        await version.pool.close()
        version.state = "END"
