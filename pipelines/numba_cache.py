"""Compilation of librosa's numba functions by one process at a time, which protects numba's cache."""

from __future__ import annotations

import contextlib
import fcntl
import importlib
import os
import tempfile
from pathlib import Path

_COMPILED_ON_IMPORT = ("librosa.util.utils", "librosa.core.audio", "librosa.core.pitch", "librosa.beat")
"""Modules of librosa with numba functions of declared types."""


def compile_librosa() -> None:
    """Compiles and caches librosa's numba functions, under a lock.

    numba compiles some of them on their first import, which takes seconds once, and caches them beside
    librosa. Two processes that do so at once can corrupt the cache; afterwards every call of, for example,
    `librosa.onset.onset_detect` ends in a segmentation fault. Call this before starting a pool of processes
    that use librosa.
    """
    with _lock_file().open("w") as lock:
        with contextlib.suppress(OSError):  # Some file systems have no locks.
            fcntl.flock(lock, fcntl.LOCK_EX)  # Released when the file is closed or the process is killed.
        for module in _COMPILED_ON_IMPORT:
            importlib.import_module(module)


def _lock_file() -> Path:
    """Lock file of this user; that of another user could not be opened."""
    return Path(tempfile.gettempdir(), f"coverband-{os.getuid()}.lock")
