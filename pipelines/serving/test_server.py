"""A `coverband serve` in a process of its own, for benchmarks and tests."""

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
_END_SECONDS = 60.0
_ANSWER_SECONDS = 600.0


class NotStarted(Exception):
    """The server ended, or was not ready in time; the message is what it printed."""


class Started:
    """Context manager: from ready to ended; it finishes what it does first."""

    def __init__(self, model: Path, log: Path, flags: Sequence[str] = ()) -> None:
        """Starts it at a free port.

        Args:
            model: see `coverband serve --model`.
            log: file for what it prints.
            flags: further ones.
        """
        self.log, self.url = log, ""
        command = [
            sys.executable,
            "-m",
            "coverband.commands.serve",
            "--model",
            str(model),
            "--port",
            "0",
            *flags,
        ]
        with log.open("w") as file:
            self.process = subprocess.Popen(command, stderr=file)

    def __enter__(self) -> Started:
        """Waits until the models are loaded.

        Raises:
            NotStarted: if they cannot be.
        """
        end = time.monotonic() + _START_SECONDS
        while "coverband: ready" not in self.log.read_text():
            if self.process.poll() is not None or time.monotonic() > end:
                self.process.kill()
                raise NotStarted(self.log.read_text())
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
            self.process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def call(
        self, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Status and content of an answer.

        Args:
            path: and query.
            body: makes it a POST.
            headers: further ones.
        """
        request = urllib.request.Request(self.url + path, body, dict(headers or {}))
        try:
            with urllib.request.urlopen(request, timeout=_ANSWER_SECONDS) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def number(self, name: str) -> float:
        """A metric, summed over its labels."""
        lines = self.call("/metrics")[1].decode().splitlines()
        return sum(float(line.split()[-1]) for line in lines if re.match(rf"{name}[ {{]", line))

    def workers(self) -> list[int]:
        """Process ids of the workers."""
        text = self.call("/metrics")[1].decode()
        found = re.findall(r'^coverband_worker_memory_bytes\{.*pid="(\d+)"', text, re.MULTILINE)
        return [int(pid) for pid in found]
