"""Prometheus metrics of a server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

_SECONDS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300)
_TOGETHER = (1, 2, 4, 8, 16)


class Metrics:
    """Counters of one server, in a registry of its own."""

    def __init__(self, requests: Callable[[], int], workers: Callable[[], dict[int, str]]) -> None:
        """Declares them.

        Args:
            requests: how many requests are waited for or worked on now.
            workers: process ids of the workers, with the model of each.
        """
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._workers = workers
        self._request_seconds = Histogram(
            "coverband_request_seconds",
            "From the request to the end of the answer.",
            ["route", "status"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._work_seconds = Histogram(
            "coverband_work_seconds",
            "One call of a model.",
            ["model", "kind"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._together = Histogram(
            "coverband_requests_together",
            "Requests that shared one call.",
            ["model"],
            buckets=_TOGETHER,
            registry=self.registry,
        )
        self.started = self._counter("coverband_workers_started", "Worker processes.", "model")
        self.lost = self._counter("coverband_workers_lost", "Workers that died or were killed.", "model")
        self.music = self._counter("coverband_music_seconds", "Music that was sent out.", "model")
        self.undecodable = self._counter("coverband_songs_refused", "Songs that could not be decoded.")
        self._memory = Gauge(
            "coverband_worker_memory_bytes", "Resident memory.", ["model", "pid"], registry=self.registry
        )
        waiting = Gauge("coverband_requests", "Waited for or worked on now.", registry=self.registry)
        waiting.set_function(requests)

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Counts a request."""
        self._request_seconds.labels(route, status).observe(seconds)

    def worked(self, model: str, kind: str, seconds: float, together: int) -> None:
        """Counts a call of a model."""
        self._work_seconds.labels(model, kind).observe(seconds)
        self._together.labels(model).observe(together)

    def text(self) -> bytes:
        """All of it, in Prometheus's format."""
        self._memory.clear()
        for pid, model in self._workers().items():
            self._memory.labels(model, pid).set(resident_bytes(pid))
        return generate_latest(self.registry)

    def _counter(self, name: str, words: str, *labels: str) -> Counter:
        return Counter(name, words, labels, registry=self.registry)


def resident_bytes(pid: int) -> int:
    """Memory that a process holds now; 0 where the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))
    except (OSError, StopIteration):
        return 0
