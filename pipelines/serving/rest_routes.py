"""TensorFlow Serving's REST API: status and metadata of models, and predictions."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipelines.serving.answers import HeldResponse
from pipelines.serving.disconnect import while_there
from pipelines.serving.http_errors import Refused
from pipelines.serving.models import Version
from pipelines.serving.server import House

_READ_BYTES = 1 << 18


def routes(house: House) -> list[Route]:
    """Its addresses."""

    async def models(_: Request) -> Response:
        newest = house.models.newest().items()
        return JSONResponse({"models": [_shown(name, version) for name, version in newest]})

    async def status(request: Request) -> Response:
        return JSONResponse(_status(house, request.path_params))

    async def metadata(request: Request) -> Response:
        async with house.models.held(*_wanted(request.path_params)) as pool:
            return JSONResponse(_metadata(pool.description["metadata"], request.path_params))

    async def act(request: Request) -> Response:
        if request.path_params["verb"] != "predict":
            raise Refused(400, "this model answers :predict and nothing else")
        return await _predict(house, request)

    model, version = "/v1/models/{name}", "/v1/models/{name}/versions/{version:int}"
    return [
        Route("/v1/models", models),
        *(Route(f"{path}:{{verb}}", act, methods=["POST"]) for path in (version, model)),
        *(Route(f"{path}/metadata", metadata) for path in (version, model)),
        *(Route(path, status) for path in (version, model)),
    ]


async def _predict(house: House, request: Request) -> Response:
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(house.door.entered())
        pool = await stack.enter_async_context(house.models.held(*_wanted(request.path_params)))
        folder = stack.enter_context(house.folder())
        body = await house.body(request, folder)
        status, content = await while_there(request, pool.predict(body))
        if isinstance(content, bytes):
            return Response(content, status, media_type="application/json")
        headers = {"Content-Type": "application/json", "Content-Length": str(content.stat().st_size)}
        return HeldResponse(_read(content), stack.pop_all(), house.limits.body_seconds, headers, status)


async def _read(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_READ_BYTES):
            yield chunk


def _wanted(parameters: dict[str, Any]) -> tuple[str, int | None]:
    return parameters["name"], parameters.get("version")


def _shown(name: str, version: Version) -> dict[str, Any]:
    """Description of a model in the list of models: name, version, sample rate and model card."""
    described = version.pool.description
    return {
        "name": name,
        "version": version.number,
        "sample_rate": described["sample_rate"],
        "card": described["card"],
    }


def _status(house: House, parameters: dict[str, Any]) -> dict[str, Any]:
    name, number = _wanted(parameters)
    versions = house.models.versions.get(name, {})
    found = [version for version in versions.values() if number in (None, version.number)]
    if not found:
        raise Refused(404, f"Could not find any versions of model {name}")
    return {"model_version_status": [_state(version) for version in sorted(found, key=_number, reverse=True)]}


def _number(version: Version) -> int:
    return version.number


def _state(version: Version) -> dict[str, Any]:
    code = "UNKNOWN" if version.error else "OK"
    status = {"error_code": code, "error_message": version.error}
    return {"version": str(version.number), "state": version.state, "status": status}


def _metadata(definitions: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
    name, number = _wanted(parameters)
    spec = {"name": name, "signature_name": "", "version": "" if number is None else str(number)}
    return {"model_spec": spec, "metadata": {"signature_def": {"signature_def": definitions}}}
