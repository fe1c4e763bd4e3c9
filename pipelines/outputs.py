"""Files that commands write: whole or not at all, under names that every file system takes."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from pipelines.errors import UserError

_TEMPORARY = ".coverband-"
_NAME_BYTES = 255
"""The longest name of a file in common file systems."""


def temporary(path: Path) -> Path:
    """A name for an unfinished file in the same folder: short, however long the name is, and no song's."""
    return path.with_name(f"{_TEMPORARY}{secrets.token_hex(4)}.part")


def is_temporary(path: Path) -> bool:
    """True for an unfinished file, which a kill may have left."""
    return path.name.startswith(_TEMPORARY)


@contextlib.contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A temporary file that replaces another when the context ends; after an exception, it is removed.

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
    """Stem and ending as a name of a legal length: of a stem that is too long, the end is cut off."""
    while len(os.fsencode(stem + ending)) > _NAME_BYTES:
        stem = stem[:-1]
    return stem + ending


def require_writable(folder: Path, flag: str) -> None:
    """Checks that files can be written to a folder, which need not exist yet; nothing is made.

    Args:
        folder: the folder.
        flag: with which the user named it.

    Raises:
        UserError: if it, or the folder in which it would be made, is a file or protected.
    """
    there = folder
    while not os.path.lexists(there) and there != there.parent:
        there = there.parent
    if not there.is_dir():
        raise UserError(f"{there} is no folder: name another with {flag}")
    if not os.access(there, os.W_OK | os.X_OK):
        raise UserError(f"{there} cannot be written to (protected or read-only): name another with {flag}")
