"""Operations on bands and on tasks."""

from __future__ import annotations

from typing import TypedDict

from starlette.requests import Request

from coverband.studio.home import Band
from coverband.studio.routes import survey_view
from coverband.studio.routes.answers import Empty, Named, Queued
from coverband.studio.routes.operation import Operation
from coverband.studio.routes.song_routes import Songs
from coverband.studio.routes.survey_view import Survey as SurveyAnswer
from coverband.studio.routes.task_view import TaskAnswer, task_json
from coverband.studio.studio import Studio
from coverband.studio.tasks import State
from coverband.studio.work import Survey
from pipelines.errors import UserError


class BandSummary(TypedDict):
    """Band of the overview, with numbers of its songs and covers."""

    name: str
    songs: int
    runs: list[str]
    covers: int


class Overview(TypedDict):
    """Bands, those that were moved out, and the open tasks; the number of generic songs."""

    folder: str
    is_local: bool
    examples: list[str]
    generic: int
    bands: list[BandSummary]
    removed: list[str]
    tasks: list[TaskAnswer]


class BandAnswer(Songs):
    """Band with its songs, the generic songs, the survey and its newest task."""

    name: str
    folder: str
    generic: Songs
    survey: SurveyAnswer | None
    task: TaskAnswer | None


def operations(studio: Studio) -> list[Operation]:
    """The operations."""
    home, tasks = studio.home, studio.tasks

    async def overview(_: Request) -> Overview:
        open_tasks = [(task, tasks.state(task)) for task in tasks.all()]
        return {
            "folder": str(home.path),
            "is_local": studio.is_local,
            "examples": studio.example_domains,
            "generic": len(home.generic.names()),
            "bands": [_band(band) for band in home.bands],
            "removed": home.collection.removed_names(),
            "tasks": [
                task_json(task, state) for task, state in open_tasks if state in (State.QUEUED, State.RUNNING)
            ],
        }

    async def create(_: Request, name: str) -> Named:
        return {"name": home.create(name).name}

    async def show(request: Request) -> BandAnswer:
        band = home.band(request.path_params["band"])
        surveys = [task for task in tasks.all() if task.work == Survey(band.name)]
        return {
            "name": band.name,
            "folder": str(band.path),
            "songs": band.songs.names(),
            "removed": band.songs.removed_names(),
            "generic": {"songs": home.generic.names(), "removed": home.generic.removed_names()},
            "survey": survey_view.to_json(home, band),
            "task": task_json(surveys[-1], tasks.state(surveys[-1])) if surveys else None,
        }

    async def survey(request: Request) -> Queued:
        band = home.band(request.path_params["band"])
        if not (band.songs.names() and home.generic.names()):
            raise UserError("add songs of the band and generic songs first")
        return {"id": tasks.add(Survey(band.name)).id}

    async def stop(request: Request) -> Empty:
        tasks.stop(tasks.get(request.path_params["id"]))
        return {}

    return [
        Operation("GET", "/api/studio", "Bands and open tasks", overview),
        Operation("POST", "/api/bands", "Make a band", create, 201),
        Operation("GET", "/api/bands/{band}", "Songs of a band and of the others, and their survey", show),
        Operation("POST", "/api/bands/{band}/survey", "Check the songs", survey, 202),
        Operation("POST", "/api/tasks/{id}/stop", "Stop a task; one that does not run is removed", stop, 202),
    ]


def _band(band: Band) -> BandSummary:
    return {
        "name": band.name,
        "songs": len(band.songs.names()),
        "runs": band.runs,
        "covers": sum(len(song.covers) for song in band.covered_songs),
    }
