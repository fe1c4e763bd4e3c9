"""Cache of separated stems in the user's cache folder; an entry is a folder, complete once it exists."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from pipelines import outputs
from pipelines.errors import UserError

MAX_BYTES = 20 * 10**9
"""Size above which the entries that were used longest ago are removed."""
KEPT_DAYS = 90
"""Days after which unused entries are removed."""

_DAY = 24 * 3600
_UNFINISHED = ".unfinished-"
_CHUNK = 1 << 20


def folder() -> Path:
    """Creates the cache folder, and removes what is too old or too much.

    Entries that were used within a day stay: a running command may read them.

    Raises:
        UserError: if it cannot be created.
    """
    path = outputs.user_cache() / "stems"
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"{path} cannot be made ({error.strerror}): name another folder by XDG_CACHE_HOME"
        ) from error
    _prune(path)
    return path


def entry(cache: Path, song: Path, definition: str) -> Path:
    """Folder of the stems of a song, which need not exist; if it does, it is marked as used.

    Args:
        cache: the cache folder.
        song: of its content the name depends, not of its path.
        definition: of the separator.

    Raises:
        OSError: if the song cannot be read.
    """
    digest = hashlib.sha256(os.fsencode(f"{definition}\0"))
    with song.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    path = cache / digest.hexdigest()[:24]
    with contextlib.suppress(OSError):  # there are no stems of a new song
        os.utime(path)
    return path


@contextlib.contextmanager
def unfinished(cache: Path) -> Iterator[Path]:
    """Context manager of a temporary folder in the cache, from which an entry can be stored.

    Raises:
        OSError: if the disk is full or protected.
    """
    with tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=cache, ignore_cleanup_errors=True) as scratch:
        yield Path(scratch)


def store(finished: Path, entry: Path) -> None:
    """Moves a finished folder to its entry; if another process was faster, its entry stays."""
    try:
        os.rename(finished, entry)
    except OSError:
        if not entry.is_dir():
            raise


def _prune(cache: Path) -> None:
    now, kept = time.time(), 0
    for used, path in sorted(_by_use(cache), reverse=True):
        size = sum(file.lstat().st_size for file in path.rglob("*") if file.exists())
        is_idle = now - used > _DAY
        is_useless = path.name.startswith(_UNFINISHED) or now - used > KEPT_DAYS * _DAY
        if is_idle and (is_useless or kept + size > MAX_BYTES):
            shutil.rmtree(path, ignore_errors=True)
        else:
            kept += size


def _by_use(cache: Path) -> Iterator[tuple[float, Path]]:
    for path in cache.iterdir():
        with contextlib.suppress(OSError):  # another process may have removed it
            yield path.stat().st_mtime, path
