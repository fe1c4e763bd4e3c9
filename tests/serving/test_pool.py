"""Worker pool with fake workers."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest

from pipelines.serving.http_errors import HttpError
from pipelines.serving.limits import Limits
from pipelines.serving.messages import Header, Message
from pipelines.serving.metrics import Metrics
from pipelines.serving.pool import WorkerPool
from pipelines.serving.worker_process import WorkerLostError, WorkerProcess


class FakeWorker:
    """Echoes requests; dies at each "poison", and at the first "slip"."""

    pids = itertools.count(1)
    batches: ClassVar[list[list[str]]] = []
    slips = 0

    def __init__(self) -> None:
        self.pid, self.description, self.has_exited = next(self.pids), {"sample_rate": 1}, False
        self._ended = asyncio.Event()

    async def request(self, header: Header) -> Message:
        await asyncio.sleep(0.01)
        texts = [Path(path).read_text() for path in header["bodies"]]
        FakeWorker.batches.append(texts)
        if "poison" in texts or ("slip" in texts and not FakeWorker.slips):
            FakeWorker.slips += "slip" in texts
            raise WorkerLostError("it died")
        results = [{"status": 200, "bytes": len(text)} for text in texts]
        return {"results": results}, "".join(texts).encode()

    async def wait(self) -> None:
        await self._ended.wait()

    async def stop(self) -> None:
        self.kill()

    def kill(self) -> None:
        self.has_exited = True
        self._ended.set()


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    async def start(*_: Any) -> FakeWorker:
        return FakeWorker()

    monkeypatch.setattr(WorkerProcess, "start", start)
    FakeWorker.batches, FakeWorker.slips = [], 0


def predict_all(folder: Path, texts: list[str], limits: Limits | None = None, workers: int = 1) -> list[Any]:
    """Responses to concurrent requests with these contents; for a rejected one, its status instead."""

    async def predict(pool: WorkerPool, index: int, text: str) -> Any:
        path = folder / str(index)
        path.write_text(text)
        try:
            return (await pool.predict(path))[1]
        except HttpError as error:
            return error.status

    async def predict_concurrently(pool: WorkerPool) -> list[Any]:
        return await asyncio.gather(*(predict(pool, index, text) for index, text in enumerate(texts)))

    return asyncio.run(with_pool(predict_concurrently, limits or Limits(), workers))


async def with_pool(use: Callable[[WorkerPool], Awaitable[Any]], limits: Limits, workers: int) -> Any:
    metrics = Metrics(lambda: 0, dict)
    pool = WorkerPool("tiny", Path("nowhere"), limits, metrics, 1)
    await pool.open(workers)
    try:
        return await use(pool)
    finally:
        await pool.close()


def test_small_requests_are_batched_and_get_their_own_responses(tmp_path: Path):
    texts = [str(number) * 3 for number in range(9)]
    assert predict_all(tmp_path, texts, Limits(max_batch=4)) == [text.encode() for text in texts]
    assert max(map(len, FakeWorker.batches)) == 4


def test_large_requests_are_not_batched(tmp_path: Path):
    predict_all(tmp_path, ["large"] * 3, Limits(small_bytes=3))
    assert FakeWorker.batches == [["large"]] * 3


def test_requests_of_a_dead_worker_are_retried(tmp_path: Path):
    texts = ["first", "slip", "third"]
    assert predict_all(tmp_path, texts) == [text.encode() for text in texts]
    assert [batch for batch in FakeWorker.batches if "slip" in batch][-1] == ["slip"]


def test_only_the_request_that_kills_two_workers_is_rejected(tmp_path: Path):
    assert predict_all(tmp_path, ["first", "poison", "third"], workers=2) == [b"first", 503, b"third"]
    assert FakeWorker.batches.count(["poison"]) >= 1


def test_a_request_that_waits_too_long_is_cancelled(tmp_path: Path):
    assert predict_all(tmp_path, ["late"], Limits(wait_seconds=0.001)) == [504]
