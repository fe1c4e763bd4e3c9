"""The web application: all addresses, and what goes around every request."""

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

from pipelines.serving import page_routes, rest_routes, song_routes
from pipelines.serving.answers import failed, refused, unknown
from pipelines.serving.http_errors import Refused
from pipelines.serving.server import House


def build(house: House, hosts: Sequence[str]) -> Starlette:
    """The application.

    Args:
        house: what its requests share; open for as long as the application runs.
        hosts: names under which it may be called ("*" for any): a page elsewhere whose name was made to lead
            here is not served.
    """

    every = [*rest_routes.routes(house), *song_routes.routes(house), *_health(house), *page_routes.routes()]
    around = [Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts)), Middleware(_Timed, house=house)]
    handlers: dict[Any, Any] = {Refused: refused, HTTPException: unknown, Exception: failed}
    return Starlette(routes=every, middleware=around, exception_handlers=handlers)


def _health(house: House) -> list[Route]:
    async def alive(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def ready(_: Request) -> Response:
        if not any(version.pool.workers for version in house.models.newest().values()):
            raise Refused(503, "no worker is ready", 5)
        return PlainTextResponse("ready\n")

    async def metrics(_: Request) -> Response:
        return Response(house.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return [Route("/healthz", alive), Route("/readyz", ready), Route("/metrics", metrics)]


class _Timed:
    """Counts requests by route and status, from their start to the end of the answer."""

    def __init__(self, app: ASGIApp, house: House) -> None:
        self._app, self._house = app, house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), [500]

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                status[0] = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            # The route's own pattern: paths come from clients, and each would be a number of its own.
            route = getattr(scope.get("route"), "path", "other")
            self._house.metrics.answered(route, status[0], time.monotonic() - began)
