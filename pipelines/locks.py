"""Advisory locks on files: one process at a time, where the file system can lock at all."""

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
    """Holds a lock file; the system releases it when the process ends, even by a kill.

    A file system without locks (SMB and NFS mounts often have none) costs one warning, not the run.

    Args:
        path: the lock file, made if it does not exist; its folder does.
        busy: the sentence to raise when another process holds it, from that process's id.

    Raises:
        UserError: if another process holds it.
        OSError: if the file cannot be made.
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
    """Takes the lock; False where there are none."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError) as error:  # the second on emulated locks
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
    except OSError:  # locks of some file systems keep readers out, too
        return "unknown"
