"""Cache of song measurements, so that a killed survey resumes, and prepare does not measure again."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import tempfile
import time
from pathlib import Path

from pipelines import outputs

KEPT_DAYS = 90
"""Days after which unused measurements are removed."""

_MEASURING_MODULES = (
    "bandwidth.py",
    "frames.py",
    "landmarks.py",
    "sample_levels.py",
    "measurement.py",
    "song_facts.py",
    "rhythm.py",
    "tuning.py",
    "voice.py",
)
"""Modules beside this one whose code determines the measured numbers."""


def folder() -> Path:
    """Creates the user's cache folder and removes old measurements; a temporary folder if that fails."""
    wanted = outputs.user_cache() / "survey"
    try:
        wanted.mkdir(parents=True, exist_ok=True)
        if os.access(wanted, os.W_OK):
            _prune(wanted)
            return wanted
    except OSError:
        pass
    return Path(tempfile.mkdtemp(prefix="coverband-survey-"))


def entry(cache: Path, song: Path) -> Path:
    """Path of a song's measurements, which depends on the song and the measuring code; marks it as used.

    Raises:
        OSError: if the song does not exist any more.
    """
    stat = song.stat()
    identity = f"{_code_digest()} {song.resolve()} {stat.st_size} {stat.st_mtime_ns}"
    path = cache / f"{hashlib.sha256(os.fsencode(identity)).hexdigest()[:24]}.npz"
    with contextlib.suppress(OSError):  # there are no measurements of a new song
        os.utime(path)
    return path


def _prune(cache: Path) -> None:
    oldest = time.time() - KEPT_DAYS * 24 * 3600
    for path in cache.iterdir():
        with contextlib.suppress(OSError):  # another process may have removed it
            if path.stat().st_mtime < oldest:
                path.unlink()


@functools.cache
def _code_digest() -> str:
    """Hash of the measuring code: measurements of an older version are not reused."""
    here = Path(__file__).parent
    return hashlib.sha256(b"".join((here / name).read_bytes() for name in _MEASURING_MODULES)).hexdigest()
