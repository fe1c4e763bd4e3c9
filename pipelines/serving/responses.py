"""HTTP responses: errors in the form of TensorFlow Serving, and streams that own resources."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from pipelines.serving.http_errors import HttpError

_DRAIN_BYTES = 64 << 20
_DRAIN_SECONDS = 2.0


class AsciiJSONResponse(JSONResponse):
    """JSON response of ASCII letters, which can also hold names of files that are no Unicode."""

    def render(self, content: Any) -> bytes:
        """JSON text of a value."""
        return json.dumps(content, allow_nan=False).encode("ascii")


class OwningStreamingResponse(StreamingResponse):
    """Streaming response that owns resources (files, a model, its admission) and releases them at its end."""

    def __init__(
        self,
        content: AsyncIterator[bytes],
        resources: contextlib.AsyncExitStack,
        timeout: float,
        headers: Mapping[str, str],
        status: int = 200,
    ) -> None:
        """Takes ownership of resources.

        Args:
            content: chunks of the body.
            resources: closed when the response has ended, also by an error or a disconnect.
            timeout: seconds for sending one chunk, after which the client counts as disconnected.
            headers: of the response.
            status: HTTP status.
        """
        super().__init__(content, status_code=status, headers=dict(headers))
        self._resources, self._timeout = resources, timeout

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the response."""

        async def send_in_time(message: Message) -> None:
            await asyncio.wait_for(send(message), self._timeout)

        async with self._resources:
            await super().__call__(scope, receive, send_in_time)


async def http_error(request: Request, error: Exception) -> Response:
    """JSON response to a rejected request, after the rest of its body was received."""
    assert isinstance(error, HttpError)
    await _drain(request)
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    return AsciiJSONResponse({"error": error.message}, error.status, headers)


async def _drain(request: Request) -> None:
    """Receives the rest of a body, within limits: many clients read no response before they have sent it."""
    received = 0
    # The body was read already, or the client has disconnected, or is slow.
    with contextlib.suppress(RuntimeError, ClientDisconnect, asyncio.TimeoutError):
        async with contextlib.aclosing(request.stream()) as stream:
            while received < _DRAIN_BYTES:
                received += len(await asyncio.wait_for(anext(stream, b""), _DRAIN_SECONDS)) or _DRAIN_BYTES


def not_found(request: Request, error: Exception) -> Response:
    """JSON response to a request for an unknown path or method."""
    assert isinstance(error, HTTPException)
    message = f"Malformed request: {request.method} {request.url.path[:100]}"
    return AsciiJSONResponse({"error": message}, error.status_code, error.headers)


def internal_error(_: Request, __: Exception) -> Response:
    """JSON response with status 500 to an unexpected error."""
    return JSONResponse({"error": "the server failed over this request: its log says how"}, 500)
