"""Many clients at a time: how long they wait, and whether every one gets what it asked for."""

from __future__ import annotations

import dataclasses
import http.client
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

Answer = tuple[int, bytes]
Ask = Callable[[], Answer]
"""Sends one request and waits for the whole answer."""


@dataclasses.dataclass(frozen=True)
class Load:
    """Result of a load test with several clients, each of which sends one request after the other.

    Attributes:
        clients: at a time.
        seconds: that each request took.
        elapsed: from the first request to the last answer, seconds.
        right: answers that were what a lone client gets.
        refused: answers of 503.
        wrong: all others.
    """

    clients: int
    seconds: tuple[float, ...]
    elapsed: float
    right: int
    refused: int
    wrong: int

    @property
    def rate(self) -> float:
        """Right answers a second."""
        return self.right / self.elapsed

    def __str__(self) -> str:
        middle, late = np.percentile(self.seconds, [50, 95])
        speed = f"{self.rate:.2f} answers/s, {middle:.2f} s median, {late:.2f} s at 95 %"
        return (
            f"{self.clients} clients: {speed}, {self.right} right, {self.refused} refused, {self.wrong} wrong"
        )


def load(ask: Ask, wanted: Answer, clients: int, requests: int) -> Load:
    """Loads a server.

    Args:
        ask: what every client does.
        wanted: the answer that a lone client gets.
        clients: at a time.
        requests: of all clients together.
    """

    def timed(_: int) -> tuple[float, Answer]:
        began = time.monotonic()
        try:
            answer = ask()
        except (OSError, http.client.HTTPException):  # no answer, or half of one
            answer = 0, b""
        return time.monotonic() - began, answer

    began = time.monotonic()
    with ThreadPoolExecutor(clients) as pool:
        found = list(pool.map(timed, range(requests)))
    elapsed = time.monotonic() - began
    right = sum(answer == wanted for _, answer in found)
    refused = sum(answer[0] == 503 for _, answer in found)
    seconds = tuple(seconds for seconds, _ in found)
    return Load(clients, seconds, elapsed, right, refused, requests - right - refused)
