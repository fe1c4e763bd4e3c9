"""Operations on the songs of a band, and on the generic songs, which have the same."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TypedDict

from starlette.requests import Request

from coverband.studio.names import song_file_name
from coverband.studio.routes.answers import Empty, Named
from coverband.studio.routes.bodies import save_song
from coverband.studio.routes.operation import Operation
from coverband.studio.song_folder import SongFolder
from coverband.studio.studio import Studio
from pipelines.errors import UserError


class Songs(TypedDict):
    """Names of songs, and of those that were moved out."""

    songs: list[str]
    removed: list[str]


class Added(TypedDict):
    """Number of songs that were added."""

    added: int


def operations(studio: Studio) -> list[Operation]:
    """The operations."""

    def songs_of(request: Request) -> SongFolder:
        band = request.path_params.get("band")
        return studio.home.generic if band is None else studio.home.band(band).songs

    async def listing(request: Request) -> Songs:
        songs = songs_of(request)
        return {"songs": songs.names(), "removed": songs.removed_names()}

    async def upload(request: Request) -> Named:
        name = song_file_name(request.path_params["name"])
        await save_song(studio, request, name, songs_of(request).unfinished(name))
        return {"name": name}

    async def link(request: Request, folder: str = "", examples: bool = False) -> Added:
        if examples:
            source = studio.example_songs("band" if "band" in request.path_params else "content")
            return {"added": await asyncio.to_thread(songs_of(request).copy, source)}
        if not studio.is_local:
            raise UserError(
                "folders can be named only on the computer on which the Studio runs: drop the songs"
            )
        return {"added": await asyncio.to_thread(songs_of(request).link, _expanded(folder))}

    async def remove(request: Request, name: str) -> Empty:
        songs_of(request).remove(name)
        return {}

    async def restore(request: Request, name: str) -> Empty:
        songs_of(request).restore(name)
        return {}

    return [
        operation
        for place in ("/api/generic", "/api/bands/{band}")
        for operation in (
            Operation("GET", f"{place}/songs", "Songs", listing),
            Operation(
                "POST", f"{place}/songs", "Link the songs of a folder, or add the example songs", link, 201
            ),
            Operation("PUT", f"{place}/songs/{{name}}", "Upload a song", upload, 201, uploads=True),
            Operation("POST", f"{place}/remove", "Move a song out", remove),
            Operation("POST", f"{place}/restore", "Move a song back", restore),
        )
    ]


def _expanded(text: str) -> Path:
    """Path of a text, in which ~ is the user's folder.

    Raises:
        UserError: if it can be no path.
    """
    try:
        return Path(text.strip()).expanduser()
    except (RuntimeError, ValueError) as error:
        raise UserError(f"{text.strip()} is no folder on this computer: give its whole path") from error
