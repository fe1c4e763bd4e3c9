"""Answers in TensorFlow Serving's forms, and those that hold on to something until they are sent."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from pipelines.serving.http_errors import Refused

_LEFT_BYTES = 64 << 20
_LEFT_SECONDS = 2.0


class HeldResponse(StreamingResponse):
    """A stream that holds files, workers and a place inside the door until it has ended, however it ends."""

    def __init__(
        self,
        content: AsyncIterator[bytes],
        held: contextlib.AsyncExitStack,
        seconds: float,
        headers: Mapping[str, str],
        status: int = 200,
    ) -> None:
        """Takes over what is held.

        Args:
            content: parts of the body.
            held: closed at the end.
            seconds: that a client may take for one part, before it counts as gone.
            headers: of the answer.
            status: of HTTP.
        """
        super().__init__(content, status_code=status, headers=dict(headers))
        self._held, self._seconds = held, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends it."""

        async def soon(message: Message) -> None:
            await asyncio.wait_for(send(message), self._seconds)

        async with self._held:
            await super().__call__(scope, receive, soon)


async def refused(request: Request, error: Exception) -> Response:
    """JSON response to a refused request, sent after the rest of the request has been read."""
    assert isinstance(error, Refused)
    await _let_finish(request)
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    return JSONResponse({"error": error.message}, error.status, headers)


async def _let_finish(request: Request) -> None:
    """Takes in what a client still sends, within reason: many read no answer before they have sent it all."""
    received = 0
    # It has come whole, or the client has gone, or it takes its time.
    with contextlib.suppress(RuntimeError, ClientDisconnect, asyncio.TimeoutError):
        async with contextlib.aclosing(request.stream()) as stream:
            while received < _LEFT_BYTES:
                received += len(await asyncio.wait_for(anext(stream, b""), _LEFT_SECONDS)) or _LEFT_BYTES


def unknown(request: Request, error: Exception) -> Response:
    """JSON response to a request for an address or a method that is not served."""
    assert isinstance(error, HTTPException)
    message = f"Malformed request: {request.method} {request.url.path[:100]}"
    return JSONResponse({"error": message}, error.status_code, error.headers)


def failed(_: Request, __: Exception) -> Response:
    """JSON response with status 500, for an unexpected error of the server."""
    return JSONResponse({"error": "the server failed over this request: its log says how"}, 500)
