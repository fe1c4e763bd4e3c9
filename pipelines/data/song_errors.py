"""Why a song could not be used, in words that follow its name."""

from __future__ import annotations

import errno
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from pipelines.errors import UserError


def reason(source: Path, error: Exception) -> str:
    """Reason why a song could not be used, from the exception with which its worker ended.

    Args:
        source: the song.
        error: as `workers.run` gives it.

    Returns:
        The end of a sentence that begins with the song's name.

    Raises:
        OSError: the error itself, if the disk is full: the other songs would not fit either.
    """
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        raise error
    if isinstance(error, UserError):
        return str(error).removeprefix(f"{source} ")
    if isinstance(error, FileNotFoundError):
        return "is gone: it was moved or removed meanwhile"
    if isinstance(error, BrokenProcessPool):
        return "the process that decoded it died (a damaged file, or too little memory): convert it again"
    return f"decoding it failed ({error!r}): convert it again"
