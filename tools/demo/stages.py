"""A job in stages, each a command of Coverband in a process of its own."""

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

ROOT = Path(__file__).parents[2]
"""Folder of the packages, in which commands start: no folder of the user's named tools hides ours there."""

_SIGNALLED = 128


@contextlib.contextmanager
def stage(number: int, count: int, title: str) -> Iterator[None]:
    """A heading before a piece of work, and the time it took after it."""
    print(f"\n=== {number}/{count} {title}", flush=True)
    began = time.monotonic()
    yield
    minutes, seconds = divmod(round(time.monotonic() - began), 60)
    print(f"    done in {minutes}:{seconds:02d}", flush=True)


def reachable(path: Path) -> Path:
    """A path as a command must be given it; left as it is where that means the same."""
    return path if Path.cwd() == ROOT else path.absolute()


def command(module: str, *arguments: object) -> None:
    """Runs a binary to its end; it says itself what went wrong.

    Ctrl-C reaches it, too, and it may take its time to save; SIGTERM is passed on.

    Args:
        module: "coverband.commands.prepare", for instance.
        arguments: its command line.

    Raises:
        SystemExit: with the binary's exit code, if that is not 0.
    """
    process = subprocess.Popen([sys.executable, "-m", module, *map(str, arguments)], cwd=ROOT)

    def pass_on(number: int, frame: FrameType | None) -> None:
        if number == signal.SIGTERM:
            process.terminate()

    before = {each: signal.signal(each, pass_on) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        code = process.wait()
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    if code:
        console.say("the same command again goes on from here")
        raise SystemExit(code if code > 0 else _SIGNALLED - code)
