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
from pipelines.serving import stem_splitter, upload_decoder, uploads
from pipelines.serving.admission import AdmissionControl
from pipelines.serving.limits import Limits
from pipelines.serving.metrics import Metrics
from pipelines.serving.models import ModelRegistry
from pipelines.serving.stem_splitter import SongParts, stem_name
from pipelines.serving.uploads import SizeLimit, SongUpload


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
        self._processes = asyncio.Semaphore(cores)
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

    async def save_song(self, request: Request, folder: Path) -> SongUpload:
        """Saves the song of a request and its stem into a folder; see `uploads.save_song`."""
        size = SizeLimit(self.limits.largest_upload, "coverband serve --megabytes")
        return await uploads.save_song(request, folder, size, self.limits.body_seconds)

    async def save_body(self, request: Request, folder: Path) -> Path:
        """Saves the body of any other request into a folder and returns the file; see `uploads.save`."""
        size = SizeLimit(self.limits.request_bytes, "coverband serve --predict_megabytes")
        path = folder / "body"
        await uploads.save(request, path, size, self.limits.body_seconds)
        return path

    async def decode_song(self, upload: SongUpload, sample_rate: int) -> SongParts:
        """Decodes a song and splits it by its stem, with one process per core at most.

        See `upload_decoder.decode` and `stem_splitter.split`.
        """
        async with self._processes:
            song = await upload_decoder.decode(upload.song, upload_decoder.SONG, sample_rate, self.limits)
            if upload.stem is None:
                return SongParts(song, song)
            path, role = upload.stem.path, upload.stem.role
            stem = await upload_decoder.decode(path, stem_name(role), sample_rate, self.limits)
            return await stem_splitter.split(song, stem, role, self.limits)
