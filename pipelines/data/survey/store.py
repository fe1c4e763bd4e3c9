"""Where measured songs are kept, so that a killed survey goes on, and prepare need not measure again."""

from __future__ import annotations

import functools
import hashlib
import os
import tempfile
from pathlib import Path

_MEASURING = (
    "bandwidth.py",
    "frames.py",
    "landmarks.py",
    "levels.py",
    "measuring.py",
    "record.py",
    "rhythm.py",
    "tuning.py",
    "voice.py",
)
"""The files beside this one that numbers depend on."""


def folder() -> Path:
    """The user's cache folder, made; a folder for temporary files where there can be none."""
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    wanted = Path(home).expanduser() / "coverband" / "survey"
    try:
        wanted.mkdir(parents=True, exist_ok=True)
        if os.access(wanted, os.W_OK):
            return wanted
    except OSError:
        pass
    return Path(tempfile.mkdtemp(prefix="coverband-survey-"))


def entry(cache: Path, song: Path) -> Path:
    """The file that keeps a song's measurements; another one when the song or what measures changes.

    Raises:
        OSError: if the song is gone.
    """
    stat = song.stat()
    identity = f"{_code()} {song.resolve()} {stat.st_size} {stat.st_mtime_ns}"
    return cache / f"{hashlib.sha256(identity.encode('utf-8', 'surrogateescape')).hexdigest()[:24]}.npz"


@functools.cache
def _code() -> str:
    """Changes when what measures changes: numbers by older code are measured again."""
    here = Path(__file__).parent
    return hashlib.sha256(b"".join((here / name).read_bytes() for name in _MEASURING)).hexdigest()
