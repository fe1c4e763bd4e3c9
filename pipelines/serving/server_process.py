"""Server process for tests and benchmarks."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

_START_SECONDS = 900.0
_STOP_SECONDS = 60.0
_RESPONSE_SECONDS = 600.0


class ServerStartError(Exception):
    """Failed start of a server; the message is its log."""


class ServerProcess:
    """`coverband serve` in a process of its own: a context manager from ready to graceful shutdown.

    Attributes:
        log: file of its log.
        url: of the server.
        process: the process.
    """

    def __init__(self, model: Path, log: Path, flags: Sequence[str] = ()) -> None:
        """Starts the process on a free port.

        Args:
            model: see `coverband serve --model`.
            log: file for its log.
            flags: further flags.
        """
        self.log, self.url = log, ""
        command = [sys.executable, "-m", "coverband.commands.serve"]
        with log.open("w") as file:
            self.process = subprocess.Popen(
                [*command, "--model", str(model), "--port", "0", *flags], stderr=file
            )

    def __enter__(self) -> ServerProcess:
        """Waits until the models are loaded.

        Raises:
            ServerStartError: if the process exits or takes too long.
        """
        end = time.monotonic() + _START_SECONDS
        while "coverband: ready" not in self.log.read_text():
            if self.process.poll() is not None or time.monotonic() > end:
                self.process.kill()
                raise ServerStartError(self.log.read_text())
            time.sleep(0.1)
        found = re.search(r"http://\S+:\d+", self.log.read_text())
        assert found is not None
        self.url = found[0]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def call(
        self, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Sends a request and returns the status and the content of the response.

        Args:
            path: path and query.
            body: of a POST request; None for GET.
            headers: further headers.
        """
        request = urllib.request.Request(self.url + path, body, dict(headers or {}))
        try:
            with urllib.request.urlopen(request, timeout=_RESPONSE_SECONDS) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def metric(self, name: str) -> float:
        """Value of a metric, summed over its labels."""
        lines = self.call("/metrics")[1].decode().splitlines()
        return sum(float(line.split()[-1]) for line in lines if re.match(rf"{name}[ {{]", line))

    def worker_pids(self) -> list[int]:
        """Process ids of the workers."""
        text = self.call("/metrics")[1].decode()
        found = re.findall(r'^coverband_worker_memory_bytes\{.*pid="(\d+)"', text, re.MULTILINE)
        return [int(pid) for pid in found]
