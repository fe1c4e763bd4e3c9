"""Process of a program with a limit of time, in a process group that ends with it."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import signal
import subprocess
import tempfile
import textwrap
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import IO

from pipelines import console
from pipelines.signals import exit_on_signals

_TAIL_BYTES = 8192
_LINE_LENGTH = 200
_GRACE_SECONDS = 3.0
"""Time between the polite signal and the one that cannot be ignored."""


@dataclasses.dataclass(frozen=True)
class Ended:
    """Outcome of a process.

    Attributes:
        code: exit code, negative for a signal; None if the process was ended after its time.
        last_line: last line of its stderr, else of its stdout; empty if there is none.
    """

    code: int | None
    last_line: str


def run(
    arguments: Sequence[str], title: str, seconds: float, environment: Mapping[str, str] | None = None
) -> Ended:
    """Runs a program with a progress bar of the elapsed seconds.

    Its process group ends with this function, also after Ctrl-C, which the group itself does not get, and
    after SIGTERM and SIGHUP, which raise SystemExit in the main thread meanwhile.

    Args:
        arguments: the program and its arguments.
        title: of the progress bar.
        seconds: after which it is ended.
        environment: variables that are added to those of this process.

    Raises:
        OSError: if it cannot be started.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, exit_on_signals():
        process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )
        try:
            for _ in console.progress(_waits(process, seconds), title, unit="s"):
                pass
            code = process.poll()
        finally:
            _end(process)
        return Ended(code, _last_line(err) or _last_line(out))


def _waits(process: subprocess.Popen[bytes], seconds: float) -> Iterator[None]:
    """Waits of a second each, until the process ends or its time is over."""
    end = time.monotonic() + seconds
    while process.poll() is None and (rest := end - time.monotonic()) > 0:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(min(1.0, rest))
        yield


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process that is still running, and its children, also those that it left running."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_SECONDS)
    with contextlib.suppress(ProcessLookupError, PermissionError):  # the latter of a zombie, by macOS
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _last_line(stream: IO[bytes]) -> str:
    """Last line of a stream; progress bars end theirs with carriage returns."""
    stream.seek(max(0, stream.seek(0, os.SEEK_END) - _TAIL_BYTES))
    lines = [line.strip() for line in re.split(r"[\r\n]+", stream.read().decode(errors="replace"))]
    found = next((line for line in reversed(lines) if line), "")
    return textwrap.shorten(found, _LINE_LENGTH, placeholder="...")
