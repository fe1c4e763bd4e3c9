"""Load test with concurrent clients: latencies and correctness of responses."""

from __future__ import annotations

import dataclasses
import http.client
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

Response = tuple[int, bytes]
"""HTTP status and body."""
Send = Callable[[], Response]
"""Sends one request and waits for the complete response."""


@dataclasses.dataclass(frozen=True)
class Load:
    """Result of a load test in which each client sends one request after the other.

    Attributes:
        clients: number of concurrent clients.
        seconds: latency of each request.
        elapsed: seconds from the first request to the last response.
        correct: number of responses equal to that of a single client.
        rejected: number of responses with status 503.
        wrong: number of other responses.
    """

    clients: int
    seconds: tuple[float, ...]
    elapsed: float
    correct: int
    rejected: int
    wrong: int

    @property
    def rate(self) -> float:
        """Correct responses per second."""
        return self.correct / self.elapsed

    def __str__(self) -> str:
        median, late = np.percentile(self.seconds, [50, 95])
        speed = f"{self.rate:.2f} responses/s, {median:.2f} s median, {late:.2f} s at 95 %"
        counts = f"{self.correct} correct, {self.rejected} rejected, {self.wrong} wrong"
        return f"{self.clients} clients: {speed}, {counts}"


def load(send: Send, expected: Response, clients: int, requests: int) -> Load:
    """Load test of a server.

    Args:
        send: sends a request.
        expected: response that a single client receives.
        clients: number of concurrent clients.
        requests: number of requests of all clients.
    """

    def timed(_: int) -> tuple[float, Response]:
        began = time.monotonic()
        try:
            response = send()
        except (OSError, http.client.HTTPException):  # no response, or an incomplete one
            response = 0, b""
        return time.monotonic() - began, response

    began = time.monotonic()
    with ThreadPoolExecutor(clients) as pool:
        results = list(pool.map(timed, range(requests)))
    elapsed = time.monotonic() - began
    correct = sum(response == expected for _, response in results)
    rejected = sum(response[0] == 503 for _, response in results)
    seconds = tuple(seconds for seconds, _ in results)
    return Load(clients, seconds, elapsed, correct, rejected, requests - correct - rejected)
