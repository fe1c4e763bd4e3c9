"""ASGI application: routes, middleware and error handlers."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipelines.serving import page_routes, responses, rest_routes, song_routes
from pipelines.serving.http_errors import HttpError
from pipelines.serving.server import ServerState


def build(server: ServerState, hosts: Sequence[str]) -> Starlette:
    """Builds the application.

    Args:
        server: state that all requests share; running for as long as the application.
        hosts: accepted host names ("*" for any), as a defence against DNS rebinding.
    """
    routes = [
        *rest_routes.routes(server),
        *song_routes.routes(server),
        *_health(server),
        *page_routes.routes(),
    ]
    middleware = [
        Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts)),
        Middleware(_RequestMetrics, server=server),
    ]
    handlers: dict[Any, Any] = {
        HttpError: responses.http_error,
        HTTPException: responses.not_found,
        Exception: responses.internal_error,
    }
    return Starlette(routes=routes, middleware=middleware, exception_handlers=handlers)


def _health(server: ServerState) -> list[Route]:
    async def alive(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def ready(_: Request) -> Response:
        if not any(version.pool.workers for version in server.models.newest().values()):
            raise HttpError(503, "no worker is ready", 5)
        return PlainTextResponse("ready\n")

    async def metrics(_: Request) -> Response:
        return Response(server.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return [Route("/healthz", alive), Route("/readyz", ready), Route("/metrics", metrics)]


class _RequestMetrics:
    """Middleware that measures requests by route and status, from their start to the end of the response."""

    def __init__(self, app: ASGIApp, server: ServerState) -> None:
        self._app, self._server = app, server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), [500]

        async def send_and_note_status(message: Message) -> None:
            if message["type"] == "http.response.start":
                status[0] = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_and_note_status)
        finally:
            # The pattern of the route, not the path: clients choose paths, and each would be a time series.
            route = getattr(scope.get("route"), "path", "other")
            self._server.metrics.observe_request(route, status[0], time.monotonic() - began)
