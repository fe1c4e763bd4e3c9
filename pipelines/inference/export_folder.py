"""Folder of an export, written as a whole."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from pipelines.errors import UserError


def require_replaceable(folder: Path, is_export: bool) -> None:
    """Checks that an export destroys nothing but an earlier one.

    Args:
        folder: to be written.
        is_export: whether the folder holds an export of the same kind.

    Raises:
        UserError: if it holds anything else.
    """
    is_empty = folder.is_dir() and not any(folder.iterdir())
    if folder.exists() and not is_export and not is_empty:
        raise UserError(f"{folder} exists and is no exported model: name a new folder for the export")


@contextlib.contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """Context manager of a new, empty folder that replaces another at the end; an exception removes it.

    Raises:
        OSError: if it cannot be made, or cannot replace the other.
    """
    new = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(new, ignore_errors=True)
    try:
        new.mkdir(parents=True)
        yield new
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(new, folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def not_written(folder: Path, error: Exception) -> UserError:
    """Error of an export that could not be written."""
    reason = getattr(error, "strerror", None) or "is the disk full, or the folder protected?"
    return UserError(f"{folder} could not be written ({reason}): write elsewhere")
