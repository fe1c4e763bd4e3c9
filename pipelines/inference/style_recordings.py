"""Recordings of a style: found and checked without TensorFlow, so that a wrong name costs no loading time."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from pipelines.audio import files
from pipelines.audio.song_files import require_songs


@dataclasses.dataclass(frozen=True)
class StyleRecording:
    """Recording of a style.

    Attributes:
        path: of the song.
        required: True for a song that the user names, False for one of a folder, which may be skipped.
    """

    path: Path
    required: bool


def find(paths: Sequence[Path], flag: str) -> list[StyleRecording]:
    """Recordings at the user's paths.

    Args:
        paths: songs, and folders that are searched for songs.
        flag: of the paths, for error messages.

    Raises:
        UserError: if a path does not exist, is no song, or is a folder without songs.
    """
    return [recording for path in paths for recording in _find(path, flag)]


def _find(path: Path, flag: str) -> list[StyleRecording]:
    required = path.is_file()
    if required:
        files.info(path)  # raises the UserError of an unreadable file
    return [StyleRecording(song, required) for song in require_songs(path, f"with {flag}").songs]
