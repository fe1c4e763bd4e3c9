"""Errors for paths without songs: each message lists what is there instead and proposes a path."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipelines.errors import UserError


def no_folder(path: Path, error: OSError) -> UserError:
    """Error for a path that is neither a file nor a folder that can be opened.

    Args:
        path: as the user named it.
        error: raised when it was opened as a folder.
    """
    if isinstance(error, FileNotFoundError):
        return UserError(f"{path} does not exist: {similar(path)}")
    return UserError(f"{path} cannot be opened ({error.strerror}): name a folder of songs, or a song")


def similar(path: Path) -> str:
    """Advice for a path that does not exist: the most similar name that exists, if there is one."""
    missing = path
    while not missing.parent.exists():
        missing = missing.parent
    try:
        names = os.listdir(missing.parent)
    except OSError:
        names = []
    near = difflib.get_close_matches(missing.name, names, n=1)
    return f"did you mean {str(missing.parent / near[0])!r}?" if near else "check the name"


def no_songs(path: Path, ignored: Mapping[str, Sequence[str]], summary: str, use: str) -> UserError:
    """Error for a folder without songs.

    Args:
        path: the folder, as the user named it.
        ignored: names of its files by kind, see `song_files.SongFiles`.
        summary: the same as one line.
        use: how the folder is used, such as "with --input" or "as content".
    """
    if archives := ignored.get("archives"):
        return UserError(f"{path} holds no songs, but {', '.join(archives[:3])}: unpack them there first")
    if protected := ignored.get("copy-protected files"):
        return UserError(f"{path} holds no songs but copy-protected ones ({protected[0]}): record them anew")
    if not ignored:
        return UserError(f"{path} is an empty folder: put songs there, or name another {use}")
    return UserError(f"{path} holds no songs, only {summary}: name a folder of songs {use}")
