"""The line before the workers, with workers that are no processes."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest

from pipelines.serving.http_errors import Refused
from pipelines.serving.limits import Limits
from pipelines.serving.messages import Header, Message
from pipelines.serving.metrics import Metrics
from pipelines.serving.pool import Pool
from pipelines.serving.workers import Worker, WorkerLost


class Fake:
    """Answers a request with its own content; dies of "poison", and of "slip" the first time."""

    pids = itertools.count(1)
    orders: ClassVar[list[list[str]]] = []
    slips = 0

    def __init__(self) -> None:
        self.pid, self.description, self.gone = next(self.pids), {"sample_rate": 1}, False
        self._ended = asyncio.Event()

    async def ask(self, order: Header) -> Message:
        await asyncio.sleep(0.01)
        texts = [Path(path).read_text() for path in order["bodies"]]
        Fake.orders.append(texts)
        if "poison" in texts or ("slip" in texts and not Fake.slips):
            Fake.slips += "slip" in texts
            raise WorkerLost("it died")
        shown = [{"status": 200, "bytes": len(text)} for text in texts]
        return {"answers": shown}, "".join(texts).encode()

    async def wait(self) -> None:
        await self._ended.wait()

    async def stop(self) -> None:
        self.kill()

    def kill(self) -> None:
        self.gone = True
        self._ended.set()


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    async def start(*_: Any) -> Fake:
        return Fake()

    monkeypatch.setattr(Worker, "start", start)
    Fake.orders, Fake.slips = [], 0


def answers(folder: Path, texts: list[str], limits: Limits | None = None, workers: int = 1) -> list[Any]:
    """Answers to simultaneous requests with these contents; for a refused one, its status instead."""

    async def ask(pool: Pool, index: int, text: str) -> Any:
        path = folder / str(index)
        path.write_text(text)
        try:
            return (await pool.predict(path))[1]
        except Refused as refused:
            return refused.status

    async def together(pool: Pool) -> list[Any]:
        return await asyncio.gather(*(ask(pool, index, text) for index, text in enumerate(texts)))

    return asyncio.run(opened(together, limits or Limits(), workers))


async def opened(use: Callable[[Pool], Awaitable[Any]], limits: Limits, workers: int) -> Any:
    metrics = Metrics(lambda: 0, dict)
    pool = Pool("tiny", Path("nowhere"), limits, metrics, 1)
    await pool.open(workers)
    try:
        return await use(pool)
    finally:
        await pool.close()


def test_small_requests_share_a_call_and_get_their_own_answers(tmp_path: Path):
    texts = [str(number) * 3 for number in range(9)]
    assert answers(tmp_path, texts, Limits(together=4)) == [text.encode() for text in texts]
    assert max(map(len, Fake.orders)) == 4


def test_large_requests_stay_alone(tmp_path: Path):
    answers(tmp_path, ["large"] * 3, Limits(small_bytes=3))
    assert Fake.orders == [["large"]] * 3


def test_a_worker_that_dies_costs_nobody_the_answer(tmp_path: Path):
    texts = ["first", "slip", "third"]
    assert answers(tmp_path, texts) == [text.encode() for text in texts]
    assert [order for order in Fake.orders if "slip" in order][-1] == ["slip"]


def test_who_kills_two_workers_is_refused_and_nobody_else(tmp_path: Path):
    assert answers(tmp_path, ["first", "poison", "third"], workers=2) == [b"first", 503, b"third"]
    assert Fake.orders.count(["poison"]) >= 1


def test_a_request_that_waits_too_long_is_given_up(tmp_path: Path):
    assert answers(tmp_path, ["late"], Limits(wait_seconds=0.001)) == [504]
