"""The recordings that a style is taken from: found before anything heavy is loaded."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from pipelines.audio import files
from pipelines.audio.song_files import require_songs


@dataclasses.dataclass(frozen=True)
class Example:
    """One recording.

    Attributes:
        path: of the song.
        named: the user named it and not only its folder, so it has to be usable.
    """

    path: Path
    named: bool


def find(paths: Sequence[Path], flag: str) -> list[Example]:
    """The recordings that a user names.

    Args:
        paths: songs, and folders that are searched for songs.
        flag: with which they were named.

    Raises:
        UserError: if one does not exist, is no song, or is a folder without songs.
    """
    return [example for path in paths for example in _found(path, flag)]


def _found(path: Path, flag: str) -> list[Example]:
    named = path.is_file()
    if named:
        files.info(path)  # says what is wrong with it
    return [Example(song, named) for song in require_songs(path, f"with {flag}").songs]
