"""Routes of TensorFlow Serving's REST API: status and metadata of models, and predictions."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipelines.serving.disconnect import run_while_connected
from pipelines.serving.http_errors import HttpError
from pipelines.serving.models import ModelVersion
from pipelines.serving.responses import OwningStreamingResponse
from pipelines.serving.server import ServerState

_READ_BYTES = 1 << 18


def routes(server: ServerState) -> list[Route]:
    """Routes below /v1/models."""

    async def models(_: Request) -> Response:
        newest = server.models.newest().items()
        return JSONResponse({"models": [_summary(name, version) for name, version in newest]})

    async def status(request: Request) -> Response:
        return JSONResponse(_status(server, request.path_params))

    async def metadata(request: Request) -> Response:
        async with server.models.use(*_name_and_version(request.path_params)) as pool:
            return JSONResponse(_metadata(pool.description["metadata"], request.path_params))

    async def call(request: Request) -> Response:
        if request.path_params["verb"] != "predict":
            raise HttpError(400, "this model answers :predict and nothing else")
        return await _predict(server, request)

    model, version = "/v1/models/{name}", "/v1/models/{name}/versions/{version:int}"
    return [
        Route("/v1/models", models),
        *(Route(f"{path}:{{verb}}", call, methods=["POST"]) for path in (version, model)),
        *(Route(f"{path}/metadata", metadata) for path in (version, model)),
        *(Route(path, status) for path in (version, model)),
    ]


async def _predict(server: ServerState, request: Request) -> Response:
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(server.admission.admit())
        pool = await stack.enter_async_context(server.models.use(*_name_and_version(request.path_params)))
        folder = stack.enter_context(server.request_folder())
        body = await server.save_body(request, folder)
        status, content = await run_while_connected(request, pool.predict(body))
        if isinstance(content, bytes):
            return Response(content, status, media_type="application/json")
        headers = {"Content-Type": "application/json", "Content-Length": str(content.stat().st_size)}
        timeout = server.limits.body_seconds
        return OwningStreamingResponse(_read(content), stack.pop_all(), timeout, headers, status)


async def _read(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_READ_BYTES):
            yield chunk


def _name_and_version(parameters: dict[str, Any]) -> tuple[str, int | None]:
    return parameters["name"], parameters.get("version")


def _summary(name: str, version: ModelVersion) -> dict[str, Any]:
    """Entry of a model in the list of models: name, version, sample rate and model card."""
    description = version.pool.description
    return {
        "name": name,
        "version": version.number,
        "sample_rate": description["sample_rate"],
        "card": description["card"],
    }


def _status(server: ServerState, parameters: dict[str, Any]) -> dict[str, Any]:
    name, number = _name_and_version(parameters)
    versions = server.models.versions.get(name, {})
    found = [version for version in versions.values() if number in (None, version.number)]
    if not found:
        raise HttpError(404, f"Could not find any versions of model {name}")
    found.sort(key=lambda version: version.number, reverse=True)
    return {"model_version_status": [_version_status(version) for version in found]}


def _version_status(version: ModelVersion) -> dict[str, Any]:
    code = "UNKNOWN" if version.error else "OK"
    status = {"error_code": code, "error_message": version.error}
    return {"version": str(version.number), "state": version.state, "status": status}


def _metadata(definitions: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
    name, number = _name_and_version(parameters)
    spec = {"name": name, "signature_name": "", "version": "" if number is None else str(number)}
    return {"model_spec": spec, "metadata": {"signature_def": {"signature_def": definitions}}}
