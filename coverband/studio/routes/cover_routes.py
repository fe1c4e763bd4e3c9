"""Routes of songs that are translated, and of their covers."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from coverband.studio import home as homes
from coverband.studio.conversion import convert
from coverband.studio.covered_song import SOURCE, CoveredSong
from coverband.studio.home import Band
from coverband.studio.names import song_file_name
from coverband.studio.routes.bodies import number, read_json, save_song
from coverband.studio.routes.run_view import task_json
from coverband.studio.studio import Studio
from coverband.studio.tasks import State
from coverband.studio.work import Translate
from pipelines import outputs
from pipelines.audio import files
from pipelines.errors import UserError
from pipelines.nn.dials import AUTOMATIC
from pipelines.stems.files import Role

_HEADERS = {"Cache-Control": "no-cache"}
"""A cover is replaced when it is made again."""


def routes(studio: Studio) -> list[Route]:
    """The routes."""
    home, tasks = studio.home, studio.tasks

    def covered(request: Request) -> CoveredSong:
        return home.band(request.path_params["band"]).covered_song(request.path_params["title"])

    async def listing(request: Request) -> Response:
        band = home.band(request.path_params["band"])
        newest = {
            (task.work.title, task.work.cover): task
            for task in tasks.all()
            if isinstance(task.work, Translate) and task.work.band == band.name
        }
        shown = [
            {**task_json(task, state), "cover": cover}
            for (_, cover), task in newest.items()
            if (state := tasks.state(task)) not in (State.DONE, State.STOPPED)
        ]
        songs = [
            _song(song, [task for task in shown if task["title"] == song.title])
            for song in band.covered_songs
        ]
        return JSONResponse({"songs": songs})

    async def upload(request: Request) -> Response:
        name = song_file_name(request.path_params["name"])
        band = home.band(request.path_params["band"])
        with _new_song(band, name) as song:
            await save_song(studio, request, name, outputs.whole(song.path / f"{SOURCE}{Path(name).suffix}"))
        return JSONResponse({"title": song.title}, 201)

    async def upload_stem(request: Request) -> Response:
        song, name = covered(request), song_file_name(request.path_params["name"])
        role = next((role for role in Role if role.value == request.path_params["role"]), None)
        if role is None:
            raise UserError("a stem is the vocals or the instrumental")
        path = outputs.temporary(song.path / name)
        try:
            await save_song(studio, request, name, contextlib.nullcontext(path))
            song.add_stem(path, role, Path(name).suffix)
        finally:
            path.unlink(missing_ok=True)
        return JSONResponse({}, 201)

    async def remove_stem(request: Request) -> Response:
        covered(request).remove_stem()
        return JSONResponse({})

    async def translate(request: Request) -> Response:
        song, values = covered(request), await read_json(request)
        band = home.band(request.path_params["band"])
        run = band.trained_run(values.get("run"))
        closeness = number(values, "closeness", AUTOMATIC, 0, 1)
        if closeness != AUTOMATIC and not homes.card(run).get("closeness"):
            raise UserError(f"{run.name} has no dial of closeness")
        level = number(values, "vocals_level", 0, -60, 20)
        if level and song.stem is None:
            raise UserError("the singer's level needs the singer alone: add the vocals or the instrumental")
        strength = number(values, "strength", 1, 0, 1)
        task = tasks.add(Translate(band.name, run.name, song.title, strength, closeness, level))
        return JSONResponse({"id": task.id}, 202)

    async def remove(request: Request) -> Response:
        song = covered(request)
        removed = home.band(request.path_params["band"]).removed_covers
        removed.mkdir(parents=True, exist_ok=True)
        target = tempfile.mkdtemp(prefix=f"{song.title} ", dir=removed)
        os.replace(song.path, target)
        return JSONResponse({})

    async def sound(request: Request) -> Response:
        name, _, suffix = request.path_params["file"].rpartition(".")
        song = covered(request)
        path = song.sound(name)
        if f".{suffix}" not in files.SUFFIXES:
            raise UserError(f"covers can be {', '.join(files.SUFFIXES)}")
        title = f"{song.title} ({name}).{suffix}"
        if path.suffix == f".{suffix}" and name != SOURCE:
            return FileResponse(path, filename=title, headers=_HEADERS)
        folder = tempfile.mkdtemp(prefix="coverband-")
        discard = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
        target = Path(folder, f"sound.{suffix}")
        try:
            await convert(path, target)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return FileResponse(target, filename=title, headers=_HEADERS, background=discard)

    covers = "/api/bands/{band}/covers"
    return [
        Route(covers, listing),
        Route(f"{covers}/{{name}}", upload, methods=["PUT"]),
        Route(f"{covers}/{{title}}/stems/{{role}}/{{name}}", upload_stem, methods=["PUT"]),
        Route(f"{covers}/{{title}}/stems", remove_stem, methods=["DELETE"]),
        Route(f"{covers}/{{title}}/translate", translate, methods=["POST"]),
        Route(f"{covers}/{{title}}/remove", remove, methods=["POST"]),
        Route(f"{covers}/{{title}}/sounds/{{file}}", sound),
    ]


@contextlib.contextmanager
def _new_song(band: Band, name: str) -> Iterator[CoveredSong]:
    """Context manager of the folder of another song; it is removed after an error."""
    song = band.new_covered_song(name)
    try:
        yield song
    except BaseException:
        shutil.rmtree(song.path, ignore_errors=True)
        raise


def _song(song: CoveredSong, open_tasks: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "title": song.title,
        "stem": song.stem.role.value if song.stem else None,
        "covers": song.covers,
        "tasks": open_tasks,
    }
