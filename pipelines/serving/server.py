"""Server state that all requests share: models, admission control, metrics and a private folder."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

from starlette.requests import Request

from pipelines.errors import UserError
from pipelines.serving import decoder_process
from pipelines.serving.admission import Door
from pipelines.serving.decoder_process import Song
from pipelines.serving.limits import Limits
from pipelines.serving.metrics import Metrics
from pipelines.serving.models import Models
from pipelines.serving.uploads import SizeLimit, save


class House:
    """One server."""

    def __init__(self, roots: Sequence[Path], limits: Limits, workers: int) -> None:
        """Nothing is started yet.

        Args:
            roots: folders of models, see `folders.find`.
            limits: of the server.
            workers: processes for each model.
        """
        self.limits = limits
        self.door = Door(limits.requests)
        cores = os.cpu_count() or 1
        self.models = Models(roots, limits, workers, max(1, cores // workers), lambda: self.metrics)
        self.metrics = Metrics(lambda: self.door.inside, self.models.processes)
        self._decoders = asyncio.Semaphore(cores)
        self._scratch = ""

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Loads the models, looks for new versions, and in the end stops all of it.

        Raises:
            UserError: if no model can be served.
        """
        await self.models.refresh()
        if not self.models.newest():
            raise UserError("no model could be loaded: name a folder that `coverband export` wrote")
        with tempfile.TemporaryDirectory(prefix="coverband-") as self._scratch:
            watch = asyncio.create_task(self.models.watch())
            try:
                yield
            finally:
                watch.cancel()
                await asyncio.gather(watch, return_exceptions=True)
                await self.models.close()

    @contextlib.contextmanager
    def folder(self) -> Iterator[Path]:
        """A folder for one request, deleted at the end."""
        with tempfile.TemporaryDirectory(dir=self._scratch, ignore_cleanup_errors=True) as name:
            yield Path(name)

    async def upload(self, request: Request, folder: Path) -> Path:
        """Saves a song that was sent; see `uploads.save`."""
        return await self._saved(request, folder, SizeLimit(self.limits.largest_upload, "--megabytes"))

    async def body(self, request: Request, folder: Path) -> Path:
        """Saves another request's body; see `uploads.save`."""
        size = SizeLimit(self.limits.request_bytes, "--predict_megabytes")
        return await self._saved(request, folder, size)

    async def _saved(self, request: Request, folder: Path, size: SizeLimit) -> Path:
        path = folder / "body"
        await save(request, path, size, self.limits.body_seconds)
        return path

    async def song(self, upload: Path, folder: Path, sample_rate: int) -> Song:
        """Decodes an upload; see `decoding.decode`."""
        async with self._decoders:
            return await decoder_process.decode(upload, folder, sample_rate, self.limits)
