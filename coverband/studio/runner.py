"""Process of one task: runs its command lines one after the other and writes the exit code.

    python -m coverband.studio.runner TASK HOME DESCRIPTOR

DESCRIPTOR is the inherited lock of the task, see `process`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from coverband.studio import process, work
from coverband.studio.home import Home, read_json
from pipelines.errors import UserError

TASK_FILE = "task.json"
_NICE = 5
"""The computer stays usable while it trains."""


def run(task: Path, home: Home, descriptor: int) -> int:
    """Runs a task; returns its exit code, that of a shell after a signal.

    Args:
        task: folder of the task.
        home: folder of the Studio.
        descriptor: of the lock, for the children.
    """
    received: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: received.append(number))  # the children get it themselves
    try:
        lines = work.from_json(read_json(task / TASK_FILE)).command_lines(home)
    except UserError as error:
        print(f"coverband: {error}", flush=True)
        return 1
    code = 0
    for line in lines:
        child = subprocess.Popen(line, stdin=subprocess.DEVNULL, pass_fds=(descriptor,))
        if received:  # before the child was there
            child.terminate()
        code = child.wait()
        code = 128 - code if code < 0 else code
        if code or received:
            return 128 + received[0] if received else code
    return code


def main(arguments: list[str]) -> None:
    """Runs the task of the command line."""
    task, home, descriptor = Path(arguments[0]), Path(arguments[1]), int(arguments[2])
    os.nice(_NICE)
    process.write_result(task, run(task, Home(home), descriptor))


if __name__ == "__main__":
    main(sys.argv[1:])
