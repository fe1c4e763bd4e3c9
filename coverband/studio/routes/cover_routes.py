"""Operations on songs that are translated, and of their covers."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TypedDict

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from coverband.studio import home as homes
from coverband.studio.conversion import convert
from coverband.studio.covered_song import SOURCE, CoveredSong
from coverband.studio.home import Band
from coverband.studio.names import song_file_name
from coverband.studio.routes.answers import Empty, Queued
from coverband.studio.routes.bodies import save_song
from coverband.studio.routes.operation import Operation
from coverband.studio.routes.schemas import Between
from coverband.studio.routes.task_view import TaskAnswer, task_json
from coverband.studio.studio import Studio
from coverband.studio.tasks import State
from coverband.studio.work import Translate, Vocoder
from pipelines import outputs
from pipelines.errors import UserError
from pipelines.nn.dials import AUTOMATIC
from pipelines.stems.files import Role

_MEDIA = {"wav": "audio/wav", "flac": "audio/flac", "mp3": "audio/mpeg", "ogg": "audio/ogg"}
"""Types of the formats in which a sound is sent, by suffix."""
_HEADERS = {"Cache-Control": "no-cache"}
"""A cover is replaced when it is made again."""


Dial = Annotated[float, Between(0, 1)]


class Covered(TypedDict):
    """Song with its covers, the newest first, and the translations that are under way or have failed."""

    title: str
    stem: str | None
    covers: list[str]
    removed: list[str]
    tasks: list[TaskAnswer]


class CoveredSongs(TypedDict):
    """Songs with covers, the newest first, and the titles of those that were moved out."""

    songs: list[Covered]
    removed: list[str]


class Titled(TypedDict):
    """Title of a song that was uploaded."""

    title: str


def operations(studio: Studio) -> list[Operation]:
    """The operations."""
    home, tasks = studio.home, studio.tasks

    def covered(request: Request) -> CoveredSong:
        return home.band(request.path_params["band"]).covered_song(request.path_params["title"])

    async def listing(request: Request) -> CoveredSongs:
        band = home.band(request.path_params["band"])
        newest = {
            (task.work.title, task.work.cover): task
            for task in tasks.all()
            if isinstance(task.work, Translate) and task.work.band == band.name
        }
        shown: list[TaskAnswer] = [
            {**task_json(task, state), "cover": cover}
            for (_, cover), task in newest.items()
            if (state := tasks.state(task)) not in (State.DONE, State.STOPPED)
        ]
        songs = [
            _song(song, [task for task in shown if task["title"] == song.title])
            for song in band.covered_songs
        ]
        return {"songs": songs, "removed": band.song_collection.removed_names()}

    async def upload(request: Request) -> Titled:
        name = song_file_name(request.path_params["title"])
        band = home.band(request.path_params["band"])
        with _new_song(band, name) as song:
            await save_song(studio, request, name, outputs.whole(song.path / f"{SOURCE}{Path(name).suffix}"))
        return {"title": song.title}

    async def upload_stem(request: Request) -> Empty:
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
        return {}

    async def remove_stem(request: Request) -> Empty:
        covered(request).remove_stem()
        return {}

    async def translate(
        request: Request,
        run: str = "",
        strength: Dial = 1,
        closeness: Dial = AUTOMATIC,
        vocals_level: Annotated[float, Between(-60, 20)] = 0,
        vocoder: Vocoder = "default",
        style: str = "",
    ) -> Queued:
        song, band = covered(request), home.band(request.path_params["band"])
        if vocals_level and song.stem is None:
            raise UserError("the singer's level needs the singer alone: add the vocals or the instrumental")
        if style or not run:
            heard = _with_songs(home.band(style) if style else band)
            style = heard.name if style else ""
        if run:
            model = band.trained_run(run)
            run = model.name
            _require_dials(model, closeness, style)
        work = Translate(band.name, run, song.title, strength, closeness, vocals_level, vocoder, style)
        return {"id": tasks.add(work).id}

    async def sound(request: Request) -> Response:
        name, _, suffix = request.path_params["file"].rpartition(".")
        song = covered(request)
        path = song.sound(name)
        if suffix not in _MEDIA:
            raise UserError(f"covers can be {', '.join(_MEDIA)}")
        title = f"{song.title} ({name}).{suffix}"
        if path.suffix == f".{suffix}" and name != SOURCE:
            return FileResponse(path, filename=title, headers=_HEADERS, media_type=_MEDIA[suffix])
        folder = tempfile.mkdtemp(prefix="coverband-")
        discard = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
        target = Path(folder, f"sound.{suffix}")
        try:
            await convert(path, target)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return FileResponse(
            target, filename=title, headers=_HEADERS, media_type=_MEDIA[suffix], background=discard
        )

    covers = "/api/bands/{band}/covers"
    song = f"{covers}/{{title}}"
    stem = f"{song}/stems/{{role}}/{{name}}"
    return [
        Operation("GET", covers, "Songs with covers", listing),
        Operation("PUT", song, "Upload a song to cover, by its file name", upload, 201, uploads=True),
        Operation("PUT", stem, "Upload its vocals or its instrumental", upload_stem, 201, uploads=True),
        Operation("DELETE", f"{song}/stems", "Delete its stem", remove_stem),
        Operation("POST", f"{song}/translate", "Make a cover", translate, 202),
        Operation(
            "GET",
            f"{song}/sounds/{{file}}",
            "Sound: the name of a cover, or source, with the suffix of a format",
            sound,
            media=sorted(_MEDIA.values()),
        ),
    ]


def _with_songs(band: Band) -> Band:
    """The band, whose songs give a cover its style.

    Raises:
        UserError: if it has none.
    """
    if not band.songs.names():
        raise UserError(f"{band.name} has no songs whose style a cover could get")
    return band


def _require_dials(model: Path, closeness: float, style: str) -> None:
    """Checks that a run's model has the dials that are not as usual.

    Raises:
        UserError: if it has not.
    """
    if closeness != AUTOMATIC and not homes.card(model).get("closeness"):
        raise UserError(f"{model.name} has no dial of closeness")
    if style and not homes.takes_style(model):
        raise UserError(f"{model.name} knows only its own style: it has no style encoder")


@contextlib.contextmanager
def _new_song(band: Band, name: str) -> Iterator[CoveredSong]:
    """Context manager of the folder of another song; it is removed after an error."""
    song = band.new_covered_song(name)
    try:
        yield song
    except BaseException:
        shutil.rmtree(song.path, ignore_errors=True)
        raise


def _song(song: CoveredSong, open_tasks: list[TaskAnswer]) -> Covered:
    return {
        "title": song.title,
        "stem": song.stem.role.value if song.stem else None,
        "covers": song.covers,
        "removed": song.collection.removed_names(),
        "tasks": open_tasks,
    }
