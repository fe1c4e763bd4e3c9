import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from starlette.requests import Request

from pipelines.serving.disconnect import while_there
from pipelines.serving.http_errors import Refused


def request(stays: float) -> Request:
    """Of a client that leaves after so many seconds."""

    async def receive() -> dict[str, str]:
        await asyncio.sleep(stays)
        return {"type": "http.disconnect"}

    return Request({"type": "http"}, receive)


def wait(work: Coroutine[Any, Any, Any], stays: float) -> Any:
    async def waiting() -> Any:
        return await while_there(request(stays), work)

    return asyncio.run(waiting())


async def answer() -> str:
    await asyncio.sleep(0.01)
    return "answer"


async def refusal() -> None:
    raise Refused(503, "no")


def test_who_stays_gets_the_answer_or_the_refusal():
    assert wait(answer(), stays=60) == "answer"
    with pytest.raises(Refused, match="no"):
        wait(refusal(), stays=60)


def test_who_goes_is_not_worked_for():
    ended = []

    async def long() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append(True)
            raise

    with pytest.raises(Refused, match="gone") as refused:
        wait(long(), stays=0.01)
    assert refused.value.status == 499
    assert ended == [True]
