"""ASGI application of the Studio: routes, checks of the request's origin, and errors as sentences."""

from __future__ import annotations

import errno
import importlib.metadata
from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coverband.studio.routes import (
    band_routes,
    collection_routes,
    cover_routes,
    page_routes,
    run_routes,
    song_routes,
)
from coverband.studio.routes.operation import Operation, describe
from coverband.studio.studio import Studio
from pipelines.errors import UserError
from pipelines.serving import responses
from pipelines.serving.http_errors import HttpError

_SAFE = ("GET", "HEAD")
_FULL = (errno.ENOSPC, errno.EDQUOT)


def build(studio: Studio, hosts: Sequence[str]) -> Starlette:
    """Builds the application.

    Args:
        studio: state that all requests share.
        hosts: accepted host names ("*" for any), as a defence against DNS rebinding.
    """
    modules = (song_routes, band_routes, run_routes, cover_routes, collection_routes)
    operations = [operation for module in modules for operation in module.operations(studio)]
    handlers: dict[Any, Any] = {
        UserError: _user_error,
        OSError: _disk_error,
        HttpError: responses.http_error,
        HTTPException: responses.not_found,
        Exception: responses.internal_error,
    }
    middleware = [
        Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts)),
        Middleware(_SameOrigin),
    ]
    routes = [*page_routes.routes(), _description(operations), *(operation.route for operation in operations)]
    return Starlette(routes=routes, middleware=middleware, exception_handlers=handlers)


def _description(operations: Sequence[Operation]) -> Route:
    """Route of the description by OpenAPI."""
    description = describe(operations, "Coverband Studio", importlib.metadata.version("coverband"))

    async def send(_: Request) -> Response:
        return JSONResponse(description)

    return Route("/api/openapi.json", send)


class _SameOrigin:
    """Middleware that refuses changes by pages of other sites, and keeps answers from them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        if request.method not in _SAFE and not _is_own(request):
            refused = JSONResponse({"error": "another site's page cannot change anything here"}, 403)
            await refused(scope, receive, send)
            return

        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"cross-origin-resource-policy", b"same-origin")]
            await send(message)

        await self._app(scope, receive, send_with_policy)


def _is_own(request: Request) -> bool:
    """True for the Studio's own page, and for programs, which send neither header."""
    origin, host = request.headers.get("origin"), request.headers.get("host", "")
    site = request.headers.get("sec-fetch-site", "same-origin")
    return site in ("same-origin", "none") and origin in (None, f"http://{host}", f"https://{host}")


async def _user_error(request: Request, error: Exception) -> Response:
    return await responses.http_error(request, HttpError(400, str(error)))


async def _disk_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, OSError)
    if error.errno in _FULL:
        refused = HttpError(507, "the disk is full: free some space and try again")
    else:
        refused = HttpError(500, f"a file cannot be read or written ({error.strerror})")
    return await responses.http_error(request, refused)
