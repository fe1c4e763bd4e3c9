"""Work for a client is given up when the client goes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from starlette.requests import Request

from pipelines.serving.http_errors import Refused

Result = TypeVar("Result")

_GONE = 499
"""Nobody reads it; it shows in the metrics."""


async def while_there(request: Request, work: Awaitable[Result]) -> Result:
    """Waits for work, for as long as the client does.

    Args:
        request: of the client, its body read to the end.
        work: cancelled when the client goes.

    Raises:
        Refused: if it has gone.
    """
    task, leaving = asyncio.ensure_future(work), asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({task, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise Refused(_GONE, "the client has gone")
    finally:
        task.cancel()
        leaving.cancel()
        await asyncio.gather(task, leaving, return_exceptions=True)


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
