"""Routes of bands and of tasks."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from coverband.studio.home import Band
from coverband.studio.routes import survey_view
from coverband.studio.routes.bodies import read_json
from coverband.studio.routes.run_view import task_json
from coverband.studio.studio import Studio
from coverband.studio.tasks import State
from coverband.studio.work import Survey
from pipelines.errors import UserError


def routes(studio: Studio) -> list[Route]:
    """The routes."""
    home, tasks = studio.home, studio.tasks

    async def overview(_: Request) -> Response:
        open_tasks = [(task, tasks.state(task)) for task in tasks.all()]
        return JSONResponse(
            {
                "folder": str(home.path),
                "is_local": studio.is_local,
                "has_examples": studio.examples is not None,
                "generic": len(home.generic.names()),
                "bands": [_band(band) for band in home.bands],
                "tasks": [
                    task_json(task, state)
                    for task, state in open_tasks
                    if state in (State.QUEUED, State.RUNNING)
                ],
            }
        )

    async def create(request: Request) -> Response:
        band = home.create((await read_json(request)).get("name"))
        return JSONResponse({"name": band.name}, 201)

    async def show(request: Request) -> Response:
        band = home.band(request.path_params["band"])
        surveys = [task for task in tasks.all() if task.work == Survey(band.name)]
        return JSONResponse(
            {
                "name": band.name,
                "folder": str(band.path),
                "songs": band.songs.names(),
                "removed": band.songs.removed_names(),
                "generic": {"songs": home.generic.names(), "removed": home.generic.removed_names()},
                "survey": survey_view.to_json(home, band),
                "task": task_json(surveys[-1], tasks.state(surveys[-1])) if surveys else None,
            }
        )

    async def survey(request: Request) -> Response:
        band = home.band(request.path_params["band"])
        if not (band.songs.names() and home.generic.names()):
            raise UserError("add songs of the band and generic songs first")
        task = tasks.add(Survey(band.name))
        return JSONResponse({"id": task.id}, 202)

    async def stop(request: Request) -> Response:
        tasks.stop(tasks.get(request.path_params["id"]))
        return JSONResponse({}, 202)

    return [
        Route("/api/studio", overview),
        Route("/api/bands", create, methods=["POST"]),
        Route("/api/bands/{band}", show),
        Route("/api/bands/{band}/survey", survey, methods=["POST"]),
        Route("/api/tasks/{id}/stop", stop, methods=["POST"]),
    ]


def _band(band: Band) -> dict[str, Any]:
    return {
        "name": band.name,
        "songs": len(band.songs.names()),
        "runs": band.runs,
        "covers": sum(len(song.covers) for song in band.covered_songs),
    }
