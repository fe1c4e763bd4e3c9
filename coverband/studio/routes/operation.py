"""Operations of the API: each is a typed function, which says what is read of a request and what is answered.

The description by OpenAPI is made of the same types by which requests are checked.
"""

from __future__ import annotations

import dataclasses
import http
import inspect
import re
import typing
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coverband.studio.routes.bodies import read_json, require
from coverband.studio.routes.schemas import Schema, object_of, schema_of
from pipelines.errors import UserError
from pipelines.serving.responses import AsciiJSONResponse

_PARAMETER = re.compile(r"{(\w+)}")
_ERROR = {"$ref": "#/components/schemas/Error"}


@dataclasses.dataclass(frozen=True)
class Operation:
    """Operation of the API.

    Attributes:
        method: of HTTP.
        path: with names of its parameters in braces.
        summary: one line.
        handler: async function of the request. Its other parameters are properties of the request's JSON
            object. Its result, of a type that `schemas.schema_of` takes, is answered as JSON, unless it is a
            `Response`.
        status: of HTTP, if it is done.
        media: types of a response that is not JSON.
        uploads: true if the request's body is a song.
    """

    method: str
    path: str
    summary: str
    handler: Callable[..., Awaitable[Any]]
    status: int = 200
    media: Sequence[str] = ()
    uploads: bool = False

    @property
    def route(self) -> Route:
        """Route of the operation."""
        return Route(self.path, self._answer, methods=[self.method])

    async def _answer(self, request: Request) -> Response:
        parameters = self._parameters
        values = await self._read(request) if parameters else {}
        found = await self.handler(request, **values)
        return found if isinstance(found, Response) else AsciiJSONResponse(found, self.status)

    async def _read(self, request: Request) -> dict[str, Any]:
        """Properties of the request's JSON object that the handler takes.

        Raises:
            HttpError: if there is no JSON object.
            UserError: if a property is missing, unknown, or of another type.
        """
        sent, parameters, hints = await read_json(request), self._parameters, self._hints
        for name in sent:
            if name not in parameters:
                raise UserError(f"{name[:40]!r} is unknown: this takes {', '.join(parameters)}")
        for name, parameter in parameters.items():
            if name not in sent and parameter.default is parameter.empty:
                raise UserError(f"{name} is missing")
        return {name: require(name, value, hints[name]) for name, value in sent.items()}

    @property
    def _parameters(self) -> Mapping[str, inspect.Parameter]:
        found = dict(inspect.signature(self.handler).parameters)
        found.pop(next(iter(found)))
        return found

    @property
    def _hints(self) -> dict[str, Any]:
        return typing.get_type_hints(self.handler, include_extras=True)

    def describe(self) -> Schema:
        """Operation object of OpenAPI."""
        names = _PARAMETER.findall(self.path)
        description: Schema = {
            "summary": self.summary,
            "operationId": f"{self.method.lower()} {self.path}",
            "parameters": [
                {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
                for name in names
            ],
            "responses": {
                str(self.status): self._success(),
                "4XX": _response("Refused, with the reason", _ERROR),
                "507": _response("The disk is full", _ERROR),
            },
        }
        if self.uploads:
            content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
            description["requestBody"] = {"required": True, "content": content}
        elif self._parameters:
            content = {"application/json": {"schema": self._body()}}
            description["requestBody"] = {"required": True, "content": content}
        return description

    def _body(self) -> Schema:
        hints, properties, required = self._hints, dict[str, Schema](), []
        for name, parameter in self._parameters.items():
            properties[name] = schema_of(hints[name])
            if parameter.default is parameter.empty:
                required.append(name)
            else:
                properties[name]["default"] = parameter.default
        return object_of(properties, required)

    def _success(self) -> Schema:
        words = http.HTTPStatus(self.status).phrase
        if self.media:
            binary = {"schema": {"type": "string", "format": "binary"}}
            return {"description": words, "content": {media: binary for media in self.media}}
        return _response(words, schema_of(self._hints["return"]))


def describe(operations: Sequence[Operation], title: str, version: str) -> Schema:
    """Description of an API by OpenAPI 3.1."""
    paths: dict[str, Schema] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = operation.describe()
    error = object_of({"error": {"type": "string", "description": "one sentence"}}, ["error"])
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "paths": paths,
        "components": {"schemas": {"Error": error}},
    }


def _response(words: str, schema: Schema) -> Schema:
    return {"description": words, "content": {"application/json": {"schema": schema}}}
