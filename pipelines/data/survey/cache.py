"""Cache of song measurements, so that a killed survey resumes, and prepare does not measure again."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import tempfile
import time
from pathlib import Path

KEPT_DAYS = 90
"""Measurements that nobody has asked for in so many days are dropped."""

_MEASURING = (
    "bandwidth.py",
    "frames.py",
    "landmarks.py",
    "sample_levels.py",
    "measurement.py",
    "record.py",
    "rhythm.py",
    "tuning.py",
    "voice.py",
)
"""The files beside this one that numbers depend on."""


def folder() -> Path:
    """The user's cache folder, made; a folder for temporary files where there can be none.

    What is long unused is dropped from it.
    """
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    wanted = Path(home).expanduser() / "coverband" / "survey"
    try:
        wanted.mkdir(parents=True, exist_ok=True)
        if os.access(wanted, os.W_OK):
            _prune(wanted)
            return wanted
    except OSError:
        pass
    return Path(tempfile.mkdtemp(prefix="coverband-survey-"))


def entry(cache: Path, song: Path) -> Path:
    """The file that keeps a song's measurements; another one when the song or what measures changes.

    It counts as used today.

    Raises:
        OSError: if the song is gone.
    """
    stat = song.stat()
    identity = f"{_code()} {song.resolve()} {stat.st_size} {stat.st_mtime_ns}"
    path = cache / f"{hashlib.sha256(os.fsencode(identity)).hexdigest()[:24]}.npz"
    with contextlib.suppress(OSError):  # mostly, there is none yet
        os.utime(path)
    return path


def _prune(cache: Path) -> None:
    oldest = time.time() - KEPT_DAYS * 24 * 3600
    for path in cache.iterdir():
        with contextlib.suppress(OSError):  # another survey may have dropped it
            if path.stat().st_mtime < oldest:
                path.unlink()


@functools.cache
def _code() -> str:
    """Changes when what measures changes: numbers by older code are measured again."""
    here = Path(__file__).parent
    return hashlib.sha256(b"".join((here / name).read_bytes() for name in _MEASURING)).hexdigest()
