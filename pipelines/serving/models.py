"""The models that are served, each in its newest version, which is replaced without dropping a request."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from pipelines import console
from pipelines.errors import UserError
from pipelines.serving import folders
from pipelines.serving.http_errors import Refused
from pipelines.serving.limits import Limits
from pipelines.serving.metrics import Metrics
from pipelines.serving.pool import Pool
from pipelines.serving.workers import WorkerLost

POLL_SECONDS = 2.0
"""Between two looks for new versions."""


@dataclasses.dataclass(eq=False)
class Version:
    """One version of a model.

    Attributes:
        number: of the version.
        pool: its workers.
        state: as TensorFlow Serving names it: LOADING, AVAILABLE, UNLOADING or END.
        error: why it could not be loaded.
        held: requests that use it now.
    """

    number: int
    pool: Pool
    state: str = "LOADING"
    error: str = ""
    held: int = 0
    released: asyncio.Event = dataclasses.field(default_factory=asyncio.Event)


class Models:
    """All models of a server."""

    def __init__(
        self,
        roots: Sequence[Path],
        limits: Limits,
        workers: int,
        threads: int,
        measure: Callable[[], Metrics],
    ) -> None:
        """Names them; `refresh` loads them.

        Args:
            roots: see `folders.find`.
            limits: of the server.
            workers: processes for each model.
            threads: for each process.
            measure: gives the server's metrics.
        """
        self._roots, self._limits, self._workers = roots, limits, workers
        self._threads, self._measure = threads, measure
        self.versions: dict[str, dict[int, Version]] = {}
        self._retiring: set[asyncio.Task[None]] = set()

    async def refresh(self) -> None:
        """Loads the newest version of every model, and then lets go of the older ones.

        Raises:
            UserError: if a folder has gone.
        """
        found = folders.find(self._roots)
        newest = {name: max(versions) for name, versions in found.items()}
        missing = [
            (name, number, found[name][number])
            for name, number in newest.items()
            if number not in self.versions.get(name, {})
        ]
        await asyncio.gather(*(self._load(*each) for each in missing))

    async def watch(self) -> None:
        """Refreshes until cancelled."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                await self.refresh()
            except (UserError, OSError) as error:
                console.say(f"coverband: {error}")

    async def close(self) -> None:
        """Stops all workers; no request may be left."""
        for task in self._retiring:
            task.cancel()
        pools = [v.pool for versions in self.versions.values() for v in versions.values() if v.state != "END"]
        await asyncio.gather(*(pool.close() for pool in pools))

    @contextlib.asynccontextmanager
    async def held(self, name: str, number: int | None = None) -> AsyncIterator[Pool]:
        """A model's workers, which stay for as long as they are held.

        Args:
            name: of the model.
            number: of the version; None for the newest.

        Raises:
            Refused: with 404, if it is not there.
        """
        version = self._available(name, number)
        version.held += 1
        try:
            yield version.pool
        finally:
            version.held -= 1
            if not version.held:
                version.released.set()

    def newest(self) -> dict[str, Version]:
        """The version of each model that answers."""
        return {name: self._available(name, None) for name in self.versions if self._numbers(name)}

    def processes(self) -> dict[int, str]:
        """Process ids of all workers, with the name of the model."""
        pools = [(name, each.pool) for name, versions in self.versions.items() for each in versions.values()]
        return {worker.pid: name for name, pool in pools for worker in pool.workers}

    def _numbers(self, name: str) -> list[int]:
        versions = self.versions.get(name, {}).values()
        return [version.number for version in versions if version.state == "AVAILABLE"]

    def _available(self, name: str, number: int | None) -> Version:
        numbers = self._numbers(name)
        if not numbers or (number is not None and number not in numbers):
            which = f"Latest({name})" if number is None else f"Specific({name}, {number})"
            raise Refused(404, f"Servable not found for request: {which}")
        return self.versions[name][max(numbers) if number is None else number]

    async def _load(self, name: str, number: int, folder: Path) -> None:
        pool = Pool(name, folder, self._limits, self._measure(), self._threads)
        version = self.versions.setdefault(name, {})[number] = Version(number, pool)
        try:
            await pool.open(self._workers)
        except (WorkerLost, OSError) as error:
            version.state, version.error = "END", str(error)
            console.say(f"coverband: {folder} could not be loaded: {error}")
            return
        version.state = "AVAILABLE"
        console.say(f"coverband: {name}, version {number}, is available")
        for older in self.versions[name].values():
            if older.number != number and older.state == "AVAILABLE":
                self._retire(older)

    def _retire(self, version: Version) -> None:
        version.state = "UNLOADING"
        self._retiring.add(task := asyncio.create_task(self._let_go(version)))
        task.add_done_callback(self._retiring.discard)

    async def _let_go(self, version: Version) -> None:
        """Stops a version's workers as soon as nobody uses them."""
        while version.held:
            version.released.clear()
            await version.released.wait()
        await version.pool.close()
        version.state = "END"
