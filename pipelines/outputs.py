"""Atomically written files, and file names that every file system takes."""

from __future__ import annotations

import collections
import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Container, Iterator, Sequence
from pathlib import Path

from pipelines.errors import UserError

_TEMPORARY = ".coverband-"
_NAME_BYTES = 255
"""Length of the longest file name in common file systems."""
_SLUG_LENGTH = 40


def digest(*values: object) -> str:
    """Stable short name (8 hexadecimal digits) of some values, by a hash of their strings."""
    return hashlib.sha256(os.fsencode("\0".join(map(str, values)))).hexdigest()[:8]


def slug(name: str) -> str:
    """File name of lower-case letters, digits and hyphens, derived from a song's path."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower().rsplit(".", 1)[0]).strip("-")[:_SLUG_LENGTH] or "song"


def user_cache() -> Path:
    """Folder `coverband` in the user's cache folder (XDG_CACHE_HOME, or else ~/.cache); it need not exist."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").expanduser() / "coverband"


def temporary(path: Path) -> Path:
    """Path of an unfinished file in the same folder: a short hidden name that no search for songs returns."""
    return path.with_name(f"{_TEMPORARY}{secrets.token_hex(4)}.part")


def is_temporary(path: Path) -> bool:
    """True for an unfinished file, which a killed process may have left behind."""
    return path.name.startswith(_TEMPORARY)


def remove_unfinished(folder: Path) -> None:
    """Removes the unfinished files in a folder and its subfolders, which killed processes have left behind.

    Args:
        folder: the folder, in which no other process writes; it need not exist.
    """
    for path in list(folder.rglob(f"{_TEMPORARY}*.part")):
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Context manager of an atomic write: a temporary file that replaces another at the end.

    After an exception, the temporary file is removed.

    Args:
        path: the file to replace; it need not exist.

    Raises:
        OSError: if it cannot be replaced.
    """
    unfinished = temporary(path)
    try:
        yield unfinished
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def file_name(stem: str, ending: str) -> str:
    """File name of a legal length: the end of a stem that is too long is cut off."""
    while len(os.fsencode(stem + ending)) > _NAME_BYTES:
        stem = stem[:-1]
    return stem + ending


def require_writable(folder: Path, flag: str) -> None:
    """Checks that files can be written to a folder, which need not exist yet; nothing is created.

    Args:
        folder: the folder.
        flag: command-line flag that names the folder, for the error message.

    Raises:
        UserError: if it, or the folder in which it would be created, is a file or protected.
    """
    there = folder
    while not os.path.lexists(there) and there != there.parent:
        there = there.parent
    if not there.is_dir():
        raise UserError(f"{there} is no folder: name another with {flag}")
    if not os.access(there, os.W_OK | os.X_OK):
        raise UserError(f"{there} cannot be written to (protected or read-only): name another with {flag}")


def result_names(songs: Sequence[Path], suffix: str, kept: Container[str] = ()) -> list[Path]:
    """Names of files that are made of songs: "a.m4a" becomes "a.wav", or "a.m4a.wav" if two would be "a.wav".

    Args:
        songs: paths below a folder.
        suffix: of the files, with its dot.
        kept: suffixes of songs that keep their names, in lower case.
    """

    def name(song: Path, stem: str) -> Path:
        return song if song.suffix.lower() in kept else song.with_name(file_name(stem, suffix))

    short = [name(song, song.stem) for song in songs]
    counts = collections.Counter(short)
    return [
        chosen if counts[chosen] == 1 else name(song, song.name)
        for song, chosen in zip(songs, short, strict=True)
    ]
