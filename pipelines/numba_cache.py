"""Keeps processes that start together from spoiling what librosa has compiled."""

from __future__ import annotations

import contextlib
import fcntl
import importlib
import os
import tempfile
from pathlib import Path

_COMPILED_WHEN_IMPORTED = ("librosa.util.utils", "librosa.core.audio", "librosa.core.pitch", "librosa.beat")
"""The modules of librosa with functions whose types are declared to numba."""


def compile_ahead() -> None:
    """Has librosa's functions compiled and stored by one process at a time.

    numba compiles some of them when they are first imported, which takes seconds once, and stores them beside
    librosa. Two processes that do so at once can mix up what is stored; from then on every call of, say,
    `librosa.onset.onset_detect` ends in a segmentation fault. So this comes before a pool that uses librosa.
    """
    with _lock_file().open("w") as lock:
        with contextlib.suppress(OSError):  # Some file systems have no locks.
            fcntl.flock(lock, fcntl.LOCK_EX)  # Closing the file, or a kill, lets go of it.
        for module in _COMPILED_WHEN_IMPORTED:
            importlib.import_module(module)


def _lock_file() -> Path:
    """Of this user: another's could not be opened."""
    return Path(tempfile.gettempdir(), f"coverband-{os.getuid()}.lock")
