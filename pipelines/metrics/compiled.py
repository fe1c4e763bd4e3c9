"""Keeps processes that start together from spoiling what librosa has compiled."""

from __future__ import annotations

import fcntl
import os
import tempfile
from pathlib import Path

import librosa


def compile_ahead() -> None:
    """Has librosa's functions compiled and stored by one process at a time.

    numba compiles some of them when they are first imported, which takes seconds once, and stores them beside
    librosa. Two processes that do so at once can mix up what is stored; from then on every call of, say,
    `librosa.onset.onset_detect` ends in a segmentation fault. So this comes before a pool that uses librosa.
    """
    with _lock_file().open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # Closing the file, or a kill, lets go of it.
        librosa.util.peak_pick  # noqa: B018  It is the import of its module that compiles.


def _lock_file() -> Path:
    """Of this user: another's could not be opened."""
    return Path(tempfile.gettempdir(), f"coverband-{os.getuid()}.lock")
