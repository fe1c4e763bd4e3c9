"""Command lines in processes of their own, which do not take the seconds that TensorFlow needs to load.

One process loads the libraries, none of Coverband's own modules, and forks for each command line. It never
computes: a fork of a process whose TensorFlow has begun to can hang.
"""

from __future__ import annotations

import atexit
import functools
import gc
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LIBRARIES = ("tensorflow", "librosa.beat", "librosa.feature.spectral")


def run(
    module: str,
    *arguments: object,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    seconds: int = 300,
) -> subprocess.CompletedProcess[str]:
    """Completed process of `python -m MODULE ARGUMENTS`, with its exit code, stdout and stderr.

    Args:
        module: "coverband.commands.prepare", for instance.
        arguments: its command line.
        folder: to start in; None for this process's.
        environment: all of its variables; None for this process's.
        seconds: after which it is killed by SIGALRM.
    """
    line = [module, *map(str, arguments)]
    with tempfile.TemporaryDirectory() as streams:
        out, err = Path(streams, "out"), Path(streams, "err")
        request = {
            "line": line,
            "streams": [os.devnull, str(out), str(err)],
            "folder": str(folder or Path.cwd()),
            "environment": dict(os.environ if environment is None else environment),
            "seconds": seconds,
        }
        code = int(_ask(json.dumps(request)))
        return subprocess.CompletedProcess(line, code, out.read_text(), err.read_text())


def _ask(request: str) -> str:
    server = _server()
    assert server.stdin is not None
    assert server.stdout is not None
    print(request, file=server.stdin, flush=True)
    return server.stdout.readline()


@functools.cache
def _server() -> subprocess.Popen[str]:
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.commands"],
        cwd=ROOT,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(server.communicate)
    return server


def _serve() -> dict[str, Any]:
    """Answers each request by an exit code; returns in the children only, with what they are to become."""
    for library in LIBRARIES:
        importlib.import_module(library)
    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            return json.loads(line)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    sys.exit()


def _become(request: dict[str, Any]) -> None:
    """Runs the command line; the process then ends as any other."""
    for number, path in enumerate(request["streams"]):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT), number)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    sys.path.insert(0, request["folder"])
    signal.alarm(request["seconds"])
    module, *arguments = request["line"]
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _become(_serve())
