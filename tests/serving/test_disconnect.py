import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from starlette.requests import Request

from pipelines.serving.disconnect import run_while_connected
from pipelines.serving.http_errors import HttpError


def request(seconds: float) -> Request:
    """Request of a client that disconnects after a number of seconds."""

    async def receive() -> dict[str, str]:
        await asyncio.sleep(seconds)
        return {"type": "http.disconnect"}

    return Request({"type": "http"}, receive)


def wait(work: Coroutine[Any, Any, Any], seconds: float) -> Any:
    async def waiting() -> Any:
        return await run_while_connected(request(seconds), work)

    return asyncio.run(waiting())


async def answer() -> str:
    await asyncio.sleep(0.01)
    return "answer"


async def error() -> None:
    raise HttpError(503, "no")


def test_the_result_or_the_error_of_the_work_is_returned():
    assert wait(answer(), seconds=60) == "answer"
    with pytest.raises(HttpError, match="no"):
        wait(error(), seconds=60)


def test_work_is_cancelled_when_the_client_disconnects():
    cancelled = []

    async def long() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    with pytest.raises(HttpError, match="disconnected") as rejected:
        wait(long(), seconds=0.01)
    assert rejected.value.status == 499
    assert cancelled == [True]
