"""Operations on runs: training, clips, reports and exports."""

from __future__ import annotations

from typing import Annotated, TypedDict

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from coverband.studio.routes.answers import Queued
from coverband.studio.routes.operation import Operation
from coverband.studio.routes.run_view import RunAnswer, RunSummary, RunViews, last_training
from coverband.studio.routes.schemas import Between
from coverband.studio.studio import Studio
from coverband.studio.tasks import State
from coverband.studio.work import Evaluate, Export, Train
from pipelines.errors import UserError

_REPORT_HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'self'; base-uri 'none'; form-action 'none'",
    "Cache-Control": "no-cache",
}
_LONGEST_NUMBER = 12
"""Digits of a step in an address."""


Minutes = Annotated[float, Between(0.05, 60 * 24 * 30)]


class Runs(TypedDict):
    """Runs, the newest last, those that were moved out, and the measured steps per second."""

    runs: list[RunSummary]
    removed: list[str]
    speed: float | None


def operations(studio: Studio) -> list[Operation]:
    """The operations."""
    home, tasks = studio.home, studio.tasks
    views = RunViews(tasks)

    async def listing(request: Request) -> Runs:
        band, all_tasks = home.band(request.path_params["band"]), tasks.all()
        # A run that waits in the queue, or has failed at its start, has no folder.
        without_folder = [
            task.work.run
            for task in all_tasks
            if isinstance(task.work, Train)
            and task.work.band == band.name
            and tasks.state(task) is not State.DONE
        ]
        names = dict.fromkeys((*band.runs, *without_folder))
        runs = [views.summary(band, name, all_tasks) for name in names]
        removed = band.run_collection.removed_names()
        return {"runs": runs, "removed": removed, "speed": views.speed(home.all_runs)}

    async def train(
        request: Request,
        run: str,
        minutes: Minutes = 10,
        base: bool = False,
    ) -> Queued:
        band = home.band(request.path_params["band"])
        name = band.run(run).name
        if not (band.songs.names() and home.generic.names()):
            raise UserError("add songs of the band and generic songs first")
        last = last_training(tasks.all(), band.name, name)
        if last and tasks.state(last) in (State.QUEUED, State.RUNNING):
            raise UserError(f"{name} is trained already")
        # A training that ended before its first save begins again as it was wanted.
        base = base or (last is not None and isinstance(last.work, Train) and last.work.base)
        return {"id": tasks.add(Train(band.name, name, minutes, studio.changes, base)).id}

    async def show(request: Request) -> RunAnswer:
        band = home.band(request.path_params["band"])
        name, all_tasks = band.run(request.path_params["run"]).name, tasks.all()
        if name not in band.runs and not last_training(all_tasks, band.name, name):
            raise UserError(f"there is no model {name}")
        return {**views.summary(band, name, all_tasks), **views.details(band, name)}

    async def clip(request: Request) -> Response:
        found = request.path_params
        band = home.band(found["band"])
        content = views.clip(
            band, found["run"], found["kind"], _whole(found["step"]), _whole(found["number"])
        )
        return Response(content, media_type="audio/wav", headers={"Cache-Control": "private, max-age=3600"})

    async def evaluate(request: Request) -> Queued:
        band = home.band(request.path_params["band"])
        run = band.trained_run(request.path_params["run"]).name
        return {"id": tasks.add(Evaluate(band.name, run)).id}

    async def export(request: Request) -> Queued:
        band = home.band(request.path_params["band"])
        run = band.trained_run(request.path_params["run"]).name
        return {"id": tasks.add(Export(band.name, run)).id}

    async def report(request: Request) -> Response:
        band = home.band(request.path_params["band"])
        page = band.report(request.path_params["run"]) / "report.html"
        if not page.is_file():
            raise UserError("there is no report yet")
        return FileResponse(page, headers=_REPORT_HEADERS)

    runs = "/api/bands/{band}/runs"
    clips = f"{runs}/{{run}}/clips/{{kind}}/{{step}}/{{number}}"
    return [
        Operation("GET", runs, "Models", listing),
        Operation("POST", runs, "Train a model, or train it on", train, 202),
        Operation("GET", f"{runs}/{{run}}", "Scores, findings and clips of a model", show),
        Operation(
            "GET",
            clips,
            "Clip of the kind source or band, both of step 0, or cover",
            clip,
            media=["audio/wav"],
        ),
        Operation("POST", f"{runs}/{{run}}/report", "Evaluate a model", evaluate, 202),
        Operation("POST", f"{runs}/{{run}}/export", "Export a model for serving", export, 202),
        Operation("GET", f"{runs}/{{run}}/report", "Report on a model", report, media=["text/html"]),
    ]


def _whole(text: str) -> int:
    """Whole number of a text; -1 if it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER else -1
