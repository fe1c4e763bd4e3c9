"""Advisory file locks, for one process at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from pipelines import console
from pipelines.errors import UserError


@contextlib.contextmanager
def exclusive(path: Path, busy: Callable[[str], str]) -> Iterator[None]:
    """Context manager of an exclusive lock; the system releases it when the process ends, even by a kill.

    On a file system without locks (SMB and NFS mounts often have none), it prints a warning and continues.

    Args:
        path: the lock file, created if it does not exist, in an existing folder.
        busy: function from the id of the process that holds the lock to the error message.

    Raises:
        UserError: if another process holds the lock.
        OSError: if the file cannot be created.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if _is_locked(descriptor, path, busy):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _is_locked(descriptor: int, path: Path, busy: Callable[[str], str]) -> bool:
    """Takes the lock; False if the file system has none."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError) as error:  # PermissionError: emulated locks
        raise UserError(busy(_holder(descriptor))) from error
    except OSError as error:
        console.say(
            f"{path.parent} cannot be locked ({error.strerror}): make sure that nothing else writes to it"
        )
        return False
    return True


def _holder(descriptor: int) -> str:
    try:
        return os.pread(descriptor, 32, 0).decode(errors="replace").strip()
    except OSError:  # some file systems also lock out readers
        return "unknown"
