"""A lock keeps others out, and a file system without locks costs one warning."""

import errno
import fcntl
import subprocess
import sys

import pytest

from pipelines import locks
from pipelines.errors import UserError

HOLD = """
import sys
from pathlib import Path
from pipelines import locks
with locks.exclusive(Path(sys.argv[1]), str):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_lock_is_exclusive_until_its_process_ends(tmp_path):
    path = tmp_path / ".lock"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        with (
            pytest.raises(UserError, match=f"^pid {other.pid} has it$"),
            locks.exclusive(path, lambda pid: f"pid {pid} has it"),
        ):
            pass
        other.kill()
    with locks.exclusive(path, str):
        pass


@pytest.mark.parametrize("code", ["ENOLCK", "EOPNOTSUPP", "EINVAL", "ENOSYS"])
def test_a_file_system_without_locks_is_a_warning(tmp_path, monkeypatch, capfd, code):
    def refused(*_):
        raise OSError(getattr(errno, code), "No locks available")

    monkeypatch.setattr(fcntl, "flock", refused)
    with locks.exclusive(tmp_path / ".lock", str):
        pass
    printed = capfd.readouterr().err
    assert printed == (
        f"{tmp_path} cannot be locked (No locks available): make sure that nothing else writes to it\n"
    )


def test_permission_denied_means_held(tmp_path, monkeypatch):
    def refused(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(fcntl, "flock", refused)
    monkeypatch.setattr(locks.os, "pread", refused)
    with pytest.raises(UserError, match="unknown"), locks.exclusive(tmp_path / ".lock", str):
        pass
