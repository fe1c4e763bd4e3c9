"""POST /v1/translate: a song file in, its cover as WAV out, sent while it is made."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipelines.serving import streaming as songs
from pipelines.serving.answers import HeldResponse
from pipelines.serving.decoder_process import Song
from pipelines.serving.disconnect import while_there
from pipelines.serving.http_errors import Refused
from pipelines.serving.pool import Pool
from pipelines.serving.server import House

_VERSION_DIGITS = 18


def routes(house: House) -> list[Route]:
    """Its address."""

    async def translate(request: Request) -> Response:
        async with contextlib.AsyncExitStack() as stack:
            stack.enter_context(house.door.entered())
            name, version, strength = _asked(request.query_params, list(house.models.newest()))
            pool = await stack.enter_async_context(house.models.held(name, version))
            song = await _received(house, request, stack, pool)
            parts = songs.stream(pool, song, strength)
            # Waited for here, so that a song that cannot be played gets a status that says so.
            first = await while_there(request, anext(parts))
            headers = _headers(song)
            return HeldResponse(
                _counted(house, name, song, first, parts), stack.pop_all(), house.limits.body_seconds, headers
            )

    return [Route("/v1/translate", translate, methods=["POST"])]


def _asked(query: Mapping[str, str], models: list[str]) -> tuple[str, int | None, float]:
    """Model, version and strength."""
    name = query.get("model") or (models[0] if len(models) == 1 else "")
    if not name:
        raise Refused(400, f"choose a model, as in ?model={' or '.join(models)}")
    version = query.get("version", "")
    if version and not (version.isdecimal() and len(version) <= _VERSION_DIGITS):
        raise Refused(400, "version has to be a whole number")
    return name, int(version) if version else None, _strength(query.get("strength", "1"))


def _strength(text: str) -> float:
    try:
        strength = float(text)
    except ValueError as error:
        raise Refused(400, "strength has to be a number from 0 to 1") from error
    if not 0.0 <= strength <= 1.0:
        raise Refused(400, "strength has to be a number from 0 to 1")
    return strength


async def _received(house: House, request: Request, stack: contextlib.AsyncExitStack, pool: Pool) -> Song:
    folder = stack.enter_context(house.folder())
    upload = await house.upload(request, folder)
    try:
        return await house.song(upload, folder, pool.description["sample_rate"])
    except Refused:
        house.metrics.undecodable.inc()
        raise


async def _counted(
    house: House, name: str, song: Song, first: bytes, rest: AsyncIterator[bytes]
) -> AsyncIterator[bytes]:
    yield first
    async for part in rest:
        yield part
    house.metrics.music.labels(name).inc(song.seconds)


def _headers(song: Song) -> dict[str, str]:
    return {
        "Content-Type": "audio/wav",
        "Content-Length": str(songs.size(song)),
        "Content-Disposition": 'attachment; filename="cover.wav"',
        "Cache-Control": "no-store",
    }
