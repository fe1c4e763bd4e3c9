"""Routes of the songs of a band, and of the generic songs, which have the same."""

from __future__ import annotations

import asyncio
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from coverband.studio.names import song_file_name
from coverband.studio.routes.bodies import read_json, save_song
from coverband.studio.song_folder import SongFolder
from coverband.studio.studio import Studio
from pipelines.errors import UserError


def routes(studio: Studio) -> list[Route]:
    """The routes."""

    def folder(request: Request) -> SongFolder:
        band = request.path_params.get("band")
        return studio.home.generic if band is None else studio.home.band(band).songs

    async def listing(request: Request) -> Response:
        songs = folder(request)
        return JSONResponse({"songs": songs.names(), "removed": songs.removed_names()})

    async def upload(request: Request) -> Response:
        name = song_file_name(request.path_params["name"])
        await save_song(studio, request, name, folder(request).unfinished(name))
        return JSONResponse({"name": name}, 201)

    async def link(request: Request) -> Response:
        values = await read_json(request)
        if values.get("examples"):
            source = studio.example_songs("band" if "band" in request.path_params else "content")
        elif not studio.is_local:
            raise UserError(
                "folders can be named only on the computer on which the Studio runs: drop the songs"
            )
        else:
            source = Path(str(values.get("folder", "")).strip()).expanduser()
        added = await asyncio.to_thread(folder(request).link, source)
        return JSONResponse({"added": added}, 201)

    async def remove(request: Request) -> Response:
        folder(request).remove(str((await read_json(request)).get("name")))
        return JSONResponse({})

    async def restore(request: Request) -> Response:
        folder(request).restore(str((await read_json(request)).get("name")))
        return JSONResponse({})

    return [
        route
        for place in ("/api/generic", "/api/bands/{band}")
        for route in (
            Route(f"{place}/songs", listing),
            Route(f"{place}/songs", link, methods=["POST"]),
            Route(f"{place}/songs/{{name}}", upload, methods=["PUT"]),
            Route(f"{place}/remove", remove, methods=["POST"]),
            Route(f"{place}/restore", restore, methods=["POST"]),
        )
    ]
