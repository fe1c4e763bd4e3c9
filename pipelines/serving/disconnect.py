"""Cancellation of work for a client that disconnects."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from starlette.requests import Request

from pipelines.serving.http_errors import HttpError

Result = TypeVar("Result")

_CLIENT_CLOSED_REQUEST = 499
"""Status of a response without a recipient; visible in the metrics only."""


async def run_while_connected(request: Request, work: Awaitable[Result]) -> Result:
    """Awaits work, and cancels it when the client disconnects.

    Args:
        request: of the client; its body was received.
        work: the work.

    Raises:
        HttpError: with 499, if the client disconnects.
    """
    task, disconnect = asyncio.ensure_future(work), asyncio.ensure_future(_wait_for_disconnect(request))
    try:
        await asyncio.wait({task, disconnect}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise HttpError(_CLIENT_CLOSED_REQUEST, "the client has disconnected")
    finally:
        task.cancel()
        disconnect.cancel()
        await asyncio.gather(task, disconnect, return_exceptions=True)


async def _wait_for_disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
