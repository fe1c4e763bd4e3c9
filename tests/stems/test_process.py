"""Processes of separators end with all their children."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.stems import process

CHILD = "import time; time.sleep(600)"
PARENT = (
    "import pathlib, subprocess, sys, time\n"
    f"child = subprocess.Popen([sys.executable, '-c', {CHILD!r}])\n"
    "pathlib.Path(sys.argv[1]).write_text(str(child.pid))\n"
    "time.sleep(float(sys.argv[2]))\n"
)


def eventually(condition: Callable[[], bool]) -> bool:
    """True if a condition is met within a minute."""
    end = time.monotonic() + 60
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def has_ended(pid: int) -> bool:
    """True if a process does not run; one that has ended may wait for its parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_a_child_that_a_program_leaves_is_ended(tmp_path: Path):
    ended = process.run([sys.executable, "-c", PARENT, str(tmp_path / "child"), "0"], "Separating", 60)
    assert ended.code == 0
    child = int((tmp_path / "child").read_text())
    assert eventually(lambda: has_ended(child))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_program_with_its_children(tmp_path: Path, number: signal.Signals):
    arguments = [sys.executable, "-c", PARENT, str(tmp_path / "child"), "600"]
    code = (
        "import signal\n"
        "from pipelines.stems import process\n"
        f"signal.signal({int(number)}, signal.SIG_DFL)\n"  # under nohup SIGHUP is ignored
        f"process.run({arguments!r}, 'Separating', 600)"
    )
    with subprocess.Popen([sys.executable, "-c", code]) as running:
        assert eventually(lambda: (tmp_path / "child").exists() and (tmp_path / "child").read_text() != "")
        running.send_signal(number)
        assert running.wait(60) == 128 + number
    child = int((tmp_path / "child").read_text())
    assert eventually(lambda: has_ended(child))


def test_signals_are_as_before():
    before = signal.getsignal(signal.SIGTERM)
    assert process.run([sys.executable, "-c", ""], "Separating", 60).code == 0
    assert signal.getsignal(signal.SIGTERM) is before
