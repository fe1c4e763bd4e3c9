"""Server state that all requests share: models, admission control, metrics and a temporary folder."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

from starlette.requests import Request

from pipelines.errors import UserError
from pipelines.serving import upload_decoder
from pipelines.serving.admission import AdmissionControl
from pipelines.serving.limits import Limits
from pipelines.serving.metrics import Metrics
from pipelines.serving.models import ModelRegistry
from pipelines.serving.upload_decoder import DecodedUpload
from pipelines.serving.uploads import SizeLimit, save


class ServerState:
    """State of one server.

    Attributes:
        limits: of the server.
        admission: limit on concurrent requests.
        models: models with their workers.
        metrics: metrics of requests and workers.
    """

    def __init__(self, roots: Sequence[Path], limits: Limits, workers: int) -> None:
        """Creates the state; see `running`.

        Args:
            roots: folders of models, see `folders.find`.
            limits: of the server.
            workers: processes for each model.
        """
        self.limits = limits
        self.admission = AdmissionControl(limits.requests)
        cores = os.cpu_count() or 1
        self.models = ModelRegistry(roots, limits, workers, max(1, cores // workers), lambda: self.metrics)
        self.metrics = Metrics(lambda: self.admission.active, self.models.processes)
        self._decoders = asyncio.Semaphore(cores)
        self._scratch = ""

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Context of a server: loads the models, polls for new versions, and stops all workers at the end.

        Raises:
            UserError: if no model can be served.
        """
        await self.models.refresh()
        if not self.models.newest():
            raise UserError("no model could be loaded: name a folder that `coverband export` wrote")
        with tempfile.TemporaryDirectory(prefix="coverband-") as self._scratch:
            polling = asyncio.create_task(self.models.poll())
            try:
                yield
            finally:
                polling.cancel()
                await asyncio.gather(polling, return_exceptions=True)
                await self.models.close()

    @contextlib.contextmanager
    def request_folder(self) -> Iterator[Path]:
        """Context of a temporary folder of one request."""
        with tempfile.TemporaryDirectory(dir=self._scratch, ignore_cleanup_errors=True) as name:
            yield Path(name)

    async def save_upload(self, request: Request, folder: Path) -> Path:
        """Saves the song of a request into a folder and returns the file; see `uploads.save`."""
        return await self._save(request, folder, SizeLimit(self.limits.largest_upload, "--megabytes"))

    async def save_body(self, request: Request, folder: Path) -> Path:
        """Saves the body of any other request into a folder and returns the file; see `uploads.save`."""
        size = SizeLimit(self.limits.request_bytes, "--predict_megabytes")
        return await self._save(request, folder, size)

    async def _save(self, request: Request, folder: Path, size: SizeLimit) -> Path:
        path = folder / "body"
        await save(request, path, size, self.limits.body_seconds)
        return path

    async def decode_upload(self, upload: Path, folder: Path, sample_rate: int) -> DecodedUpload:
        """Decodes a song, with one process per core at most; see `upload_decoder.decode`."""
        async with self._decoders:
            return await upload_decoder.decode(upload, folder, sample_rate, self.limits)
