"""Route POST /v1/translate: a song's file in, its cover as WAV out, streamed while it is translated."""

from __future__ import annotations

import contextlib
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
from pipelines.serving.server import ServerState
from pipelines.serving.upload_decoder import DecodedUpload

_VERSION_DIGITS = 18


def routes(server: ServerState) -> list[Route]:
    """The route."""

    async def translate(request: Request) -> Response:
        async with contextlib.AsyncExitStack() as stack:
            stack.enter_context(server.admission.admit())
            name, version, dials = _parse(request.query_params, list(server.models.newest()))
            pool = await stack.enter_async_context(server.models.use(name, version))
            song = await _receive(server, request, stack, pool)
            chunks = streaming.translate(pool, song, dials)
            # Before the response, so that an error in the first window has its status.
            first = await run_while_connected(request, anext(chunks))
            content = _observe_duration(server, name, song, first, chunks)
            timeout = server.limits.body_seconds
            return OwningStreamingResponse(content, stack.pop_all(), timeout, _headers(song))

    return [Route("/v1/translate", translate, methods=["POST"])]


def _parse(query: Mapping[str, str], models: list[str]) -> tuple[str, int | None, Dials]:
    """Model, version and dials of a query."""
    name = query.get("model") or (models[0] if len(models) == 1 else "")
    if not name:
        raise HttpError(400, f"choose a model, as in ?model={' or '.join(models)}")
    version = query.get("version", "")
    if version and not (version.isdecimal() and len(version) <= _VERSION_DIGITS):
        raise HttpError(400, "version has to be a whole number")
    dials = Dials(*(_parse_dial(query, name, default) for name, default in DIALS._asdict().items()))
    return name, int(version) if version else None, dials


def _parse_dial(query: Mapping[str, str], name: str, default: float) -> float:
    try:
        value = float(query.get(name, default))
    except ValueError as error:
        raise HttpError(400, f"{name} has to be a number from 0 to 1") from error
    if not 0.0 <= value <= 1.0:
        raise HttpError(400, f"{name} has to be a number from 0 to 1")
    return value


async def _receive(
    server: ServerState, request: Request, stack: contextlib.AsyncExitStack, pool: WorkerPool
) -> DecodedUpload:
    folder = stack.enter_context(server.request_folder())
    upload = await server.save_upload(request, folder)
    try:
        return await server.decode_upload(upload, folder, pool.description["sample_rate"])
    except HttpError:
        server.metrics.undecodable.inc()
        raise


async def _observe_duration(
    server: ServerState, name: str, song: DecodedUpload, first: bytes, others: AsyncIterator[bytes]
) -> AsyncIterator[bytes]:
    """Chunks of a cover; adds its duration to the metrics at the end."""
    yield first
    async for chunk in others:
        yield chunk
    server.metrics.music.labels(name).inc(song.seconds)


def _headers(song: DecodedUpload) -> dict[str, str]:
    return {
        "Content-Type": "audio/wav",
        "Content-Length": str(streaming.content_length(song)),
        "Content-Disposition": 'attachment; filename="cover.wav"',
        "Cache-Control": "no-store",
    }
