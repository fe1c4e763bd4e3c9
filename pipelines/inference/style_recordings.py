"""Recordings of a style: found and checked without TensorFlow, so that a wrong name costs no loading time."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from pipelines import console
from pipelines.audio import files
from pipelines.audio.song_files import require_songs
from pipelines.errors import UserError

Result = TypeVar("Result")


@dataclasses.dataclass(frozen=True)
class StyleRecording:
    """Recording of a style.

    Attributes:
        path: of the song.
        required: True for a song that the user names, False for one of a folder, which may be skipped.
    """

    path: Path
    required: bool


def results(recordings: Sequence[StyleRecording], of: Callable[[Path], Result], task: str) -> list[Result]:
    """Results of recordings that can be used; songs of a folder that cannot are reported and left out.

    Args:
        recordings: at least one.
        of: function of a song's path, which raises a UserError for one that cannot be used.
        task: for the progress.

    Raises:
        UserError: if a required recording cannot be used, or none can.
    """
    found = []
    for recording in console.progress(recordings, task, unit="song"):
        try:
            found.append(of(recording.path))
        except UserError as error:
            if recording.required:
                raise
            console.say(f"left out: {error}")
    if not found:
        raise UserError(
            f"not one of {len(recordings)} songs can be used for its style (see above): name others"
        )
    return found


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
