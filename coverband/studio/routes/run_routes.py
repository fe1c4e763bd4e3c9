"""Routes of runs: training, clips, reports and exports."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from coverband.studio.routes.bodies import number, read_json
from coverband.studio.routes.run_view import RunViews, last_training
from coverband.studio.studio import Studio
from coverband.studio.tasks import State
from coverband.studio.work import Evaluate, Export, Train
from pipelines.errors import UserError

_LONGEST_MINUTES = 60 * 24 * 30
_REPORT_HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'self'; base-uri 'none'; form-action 'none'",
    "Cache-Control": "no-cache",
}
_SHORTEST_MINUTES = 0.05


def routes(studio: Studio) -> list[Route]:
    """The routes."""
    home, tasks = studio.home, studio.tasks
    views = RunViews(tasks)

    async def listing(request: Request) -> Response:
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
        return JSONResponse({"runs": runs, "speed": views.speed(home.all_runs)})

    async def train(request: Request) -> Response:
        band, values = home.band(request.path_params["band"]), await read_json(request)
        run = band.run(values.get("run")).name
        if not (band.songs.names() and home.generic.names()):
            raise UserError("add songs of the band and generic songs first")
        minutes = number(values, "minutes", 10, _SHORTEST_MINUTES, _LONGEST_MINUTES)
        last = last_training(tasks.all(), band.name, run)
        if last and tasks.state(last) in (State.QUEUED, State.RUNNING):
            raise UserError(f"{run} is trained already")
        task = tasks.add(Train(band.name, run, minutes, studio.changes))
        return JSONResponse({"id": task.id}, 202)

    async def show(request: Request) -> Response:
        band = home.band(request.path_params["band"])
        name, all_tasks = band.run(request.path_params["run"]).name, tasks.all()
        if name not in band.runs and not last_training(all_tasks, band.name, name):
            raise UserError(f"there is no model {name}")
        return JSONResponse({**views.summary(band, name, all_tasks), **views.details(band, name)})

    async def clip(request: Request) -> Response:
        found = request.path_params
        band = home.band(found["band"])
        content = views.clip(band, found["run"], found["kind"], found["step"], found["number"])
        return Response(content, media_type="audio/wav", headers={"Cache-Control": "private, max-age=3600"})

    async def evaluate(request: Request) -> Response:
        band = home.band(request.path_params["band"])
        run = band.trained_run(request.path_params["run"]).name
        return JSONResponse({"id": tasks.add(Evaluate(band.name, run)).id}, 202)

    async def export(request: Request) -> Response:
        band = home.band(request.path_params["band"])
        run = band.trained_run(request.path_params["run"]).name
        return JSONResponse({"id": tasks.add(Export(band.name, run)).id}, 202)

    async def report(request: Request) -> Response:
        band = home.band(request.path_params["band"])
        page = band.report(request.path_params["run"]) / "report.html"
        if not page.is_file():
            raise UserError("there is no report yet")
        return FileResponse(page, headers=_REPORT_HEADERS)

    runs = "/api/bands/{band}/runs"
    return [
        Route(runs, listing),
        Route(runs, train, methods=["POST"]),
        Route(f"{runs}/{{run}}", show),
        Route(f"{runs}/{{run}}/clips/{{kind}}/{{step:int}}/{{number:int}}", clip),
        Route(f"{runs}/{{run}}/report", evaluate, methods=["POST"]),
        Route(f"{runs}/{{run}}/export", export, methods=["POST"]),
        Route(f"{runs}/{{run}}/report", report),
    ]
