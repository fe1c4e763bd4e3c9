"""Commands of Coverband in processes of their own, and headings with times."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from pipelines import console

ROOT = Path(__file__).parents[1]
"""Working folder of the commands, that of the packages: a user's folder named tools cannot shadow ours."""

_SIGNALLED = 128


@contextlib.contextmanager
def section(number: int, count: int, title: str) -> Iterator[None]:
    """Context that prints a heading before, and the elapsed time after it."""
    print(f"\n=== {number}/{count} {title}", flush=True)
    began = time.monotonic()
    yield
    minutes, seconds = divmod(round(time.monotonic() - began), 60)
    print(f"    done in {minutes}:{seconds:02d}", flush=True)


def argument_path(path: Path) -> Path:
    """Path as an argument of a command; absolute unless the working folder is that of the commands."""
    return path if Path.cwd() == ROOT else path.absolute()


def run_command(module: str, *arguments: object) -> None:
    """Runs a command to its end; it prints its own errors.

    Ctrl-C reaches the command, too, which may save before it ends; SIGTERM is forwarded.

    Args:
        module: "coverband.commands.prepare", for instance.
        arguments: command line.

    Raises:
        SystemExit: with the exit code of the command, if that is not 0.
    """
    process = subprocess.Popen([sys.executable, "-m", module, *map(str, arguments)], cwd=ROOT)

    def forward(number: int, frame: FrameType | None) -> None:
        if number == signal.SIGTERM:
            process.terminate()

    before = {each: signal.signal(each, forward) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        code = process.wait()
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    if code:
        console.say("run the same command again to resume")
        raise SystemExit(code if code > 0 else _SIGNALLED - code)
