"""Prometheus metrics of a server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

_SECONDS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300)
_BATCHES = (1, 2, 4, 8, 16)


class Metrics:
    """Metrics of one server, in a registry of their own."""

    def __init__(self, requests: Callable[[], int], workers: Callable[[], dict[int, str]]) -> None:
        """Declares the metrics.

        Args:
            requests: returns the number of requests in progress.
            workers: returns the process ids of the workers, with the name of their model.
        """
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._workers = workers
        self._request_seconds = Histogram(
            "coverband_request_seconds",
            "From the request to the end of the response.",
            ["route", "status"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._work_seconds = Histogram(
            "coverband_work_seconds",
            "Calls of a model.",
            ["model", "kind"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._batch = Histogram(
            "coverband_requests_together",
            "Requests of a batch.",
            ["model"],
            buckets=_BATCHES,
            registry=self.registry,
        )
        self.started = self._counter("coverband_workers_started", "Worker processes.", "model")
        self.lost = self._counter("coverband_workers_lost", "Workers that died or were killed.", "model")
        self.music = self._counter(
            "coverband_music_seconds", "Duration of the covers that were sent.", "model"
        )
        self.refused = self._counter(
            "coverband_songs_refused", "Songs that could not be decoded, or split by their stem."
        )
        self._memory = Gauge(
            "coverband_worker_memory_bytes", "Resident memory.", ["model", "pid"], registry=self.registry
        )
        active = Gauge("coverband_requests", "Requests in progress.", registry=self.registry)
        active.set_function(requests)

    def observe_request(self, route: str, status: int, seconds: float) -> None:
        """Adds a request."""
        self._request_seconds.labels(route, status).observe(seconds)

    def observe_call(self, model: str, kind: str, seconds: float, batch: int) -> None:
        """Adds a call of a model.

        Args:
            model: its name.
            kind: `messages.TRANSLATE` or `messages.PREDICT`.
            seconds: duration.
            batch: number of requests.
        """
        self._work_seconds.labels(model, kind).observe(seconds)
        self._batch.labels(model).observe(batch)

    def text(self) -> bytes:
        """All metrics in Prometheus' text format."""
        self._memory.clear()
        for pid, model in self._workers().items():
            self._memory.labels(model, pid).set(resident_bytes(pid))
        return generate_latest(self.registry)

    def _counter(self, name: str, description: str, *labels: str) -> Counter:
        return Counter(name, description, labels, registry=self.registry)


def resident_bytes(pid: int) -> int:
    """Resident memory of a process; 0 on systems without /proc."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))
    except (OSError, StopIteration):
        return 0
