"""Route POST /v1/translate: a song, and a stem if it has one, in, its cover as WAV out, streamed."""

from __future__ import annotations

import contextlib
import dataclasses
import math
from collections.abc import AsyncIterator, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipelines.nn.dials import DIALS, Dials
from pipelines.serving import streaming
from pipelines.serving.disconnect import run_while_connected
from pipelines.serving.http_errors import HttpError
from pipelines.serving.pool import WorkerPool
from pipelines.serving.responses import OwningStreamingResponse
from pipelines.serving.sample_file import SampleFile
from pipelines.serving.server import ServerState
from pipelines.serving.stem_splitter import SongParts
from pipelines.serving.uploads import SongUpload

_VERSION_DIGITS = 18
_VOCALS_LEVELS = (-60, 20)
"""Lowest and highest change of the voice's level, decibels, as of `coverband translate`."""


@dataclasses.dataclass(frozen=True)
class _Query:
    """Parameters of a request.

    Attributes:
        model: its name.
        version: of the model; None for the newest.
        dials: of the song.
        vocals_level: change of the voice's level, decibels.
    """

    model: str
    version: int | None
    dials: Dials
    vocals_level: float


def routes(server: ServerState) -> list[Route]:
    """The route."""

    async def translate(request: Request) -> Response:
        async with contextlib.AsyncExitStack() as stack:
            stack.enter_context(server.admission.admit())
            query = _parse(request.query_params, list(server.models.newest()))
            pool = await stack.enter_async_context(server.models.use(query.model, query.version))
            parts = await _receive(server, request, query, stack, pool)
            chunks = streaming.translate(pool, parts, query.dials, query.vocals_level)
            # Before the response, so that an error in the first window has its status.
            first = await run_while_connected(request, anext(chunks))
            content = _observe_duration(server, query.model, parts.song, first, chunks)
            timeout = server.limits.body_seconds
            return OwningStreamingResponse(content, stack.pop_all(), timeout, _headers(parts.song))

    return [Route("/v1/translate", translate, methods=["POST"])]


def _parse(query: Mapping[str, str], models: list[str]) -> _Query:
    """Parameters of a query."""
    name = query.get("model") or (models[0] if len(models) == 1 else "")
    if not name:
        raise HttpError(400, f"choose a model, as in ?model={' or '.join(models)}")
    version = query.get("version", "")
    if version and not (version.isdecimal() and len(version) <= _VERSION_DIGITS):
        raise HttpError(400, "version has to be a whole number")
    dials = Dials(*(_parse_number(query, name, default, 0, 1) for name, default in DIALS._asdict().items()))
    vocals_level = _parse_number(query, "vocals_level", 0.0, *_VOCALS_LEVELS)
    return _Query(name, int(version) if version else None, dials, vocals_level)


def _parse_number(query: Mapping[str, str], name: str, default: float, lowest: int, highest: int) -> float:
    try:
        value = float(query.get(name, default))
    except ValueError:
        value = math.nan
    if not lowest <= value <= highest:
        raise HttpError(400, f"{name} has to be a number from {lowest} to {highest}")
    return value


async def _receive(
    server: ServerState, request: Request, query: _Query, stack: contextlib.AsyncExitStack, pool: WorkerPool
) -> SongParts:
    folder = stack.enter_context(server.request_folder())
    upload = await server.save_song(request, folder)
    if query.vocals_level and upload.stem is None:
        raise HttpError(400, "vocals_level needs the singer alone: send a stem as vocals or instrumental")
    return await run_while_connected(request, _decode(server, upload, pool))


async def _decode(server: ServerState, upload: SongUpload, pool: WorkerPool) -> SongParts:
    try:
        return await server.decode_song(upload, pool.description["sample_rate"])
    except HttpError:
        server.metrics.refused.inc()
        raise


async def _observe_duration(
    server: ServerState, name: str, song: SampleFile, first: bytes, others: AsyncIterator[bytes]
) -> AsyncIterator[bytes]:
    """Chunks of a cover; adds its duration to the metrics at the end."""
    yield first
    async for chunk in others:
        yield chunk
    server.metrics.music.labels(name).inc(song.seconds)


def _headers(song: SampleFile) -> dict[str, str]:
    return {
        "Content-Type": "audio/wav",
        "Content-Length": str(streaming.content_length(song)),
        "Content-Disposition": 'attachment; filename="cover.wav"',
        "Cache-Control": "no-store",
    }
