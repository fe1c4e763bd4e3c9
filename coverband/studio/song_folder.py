"""Folder of songs that grows by uploads and links, and from which songs are moved out, never deleted."""

from __future__ import annotations

import contextlib
import dataclasses
import filecmp
import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from pipelines import outputs
from pipelines.audio.song_files import find_songs, require_songs
from pipelines.errors import UserError
from pipelines.stems.files import pair


@dataclasses.dataclass(frozen=True)
class SongFolder:
    """Songs of a band, or the generic songs.

    Attributes:
        songs: folder of the songs, which every command understands.
        removed: folder of the songs that were moved out.
    """

    songs: Path
    removed: Path

    def names(self) -> list[str]:
        """Names of the songs, relative to the folder, with forward slashes; stems are no songs."""
        return _names(self.songs)

    def removed_names(self) -> list[str]:
        """Names of the songs that were moved out."""
        return _names(self.removed)

    @contextlib.contextmanager
    def unfinished(self, name: str) -> Iterator[Path]:
        """Context manager of a new song: the path to write to, which becomes a song at the end.

        A song of the same name stays, and the new one gets a number, unless both are the same file.

        Args:
            name: by `names.song_file_name`.
        """
        self.songs.mkdir(parents=True, exist_ok=True)
        path = outputs.temporary(self.songs / name)
        try:
            yield path
            if not _is_there(path, self.songs / name):
                _replace(path, _reserved(self.songs, name))
        finally:
            path.unlink(missing_ok=True)

    def link(self, folder: Path) -> int:
        """Links the songs of another folder, which stays as it is.

        Returns:
            Number of new songs.

        Raises:
            UserError: if the folder does not exist, holds no songs, or contains this one.
        """
        if not folder.is_absolute() or not folder.is_dir():
            raise UserError(f"{folder} is no folder on this computer: give its whole path")
        if self.songs.resolve().is_relative_to(folder.resolve()) or folder.resolve() == self.songs.resolve():
            raise UserError(f"{folder} contains the Studio's own songs: name another folder")
        found = find_songs(folder).songs
        if not found:
            raise UserError(f"{folder} holds no songs")
        self.songs.mkdir(parents=True, exist_ok=True)
        present = {os.path.realpath(self.songs / name) for name in self.names()}
        new = [song for song in found if os.path.realpath(song) not in present]
        for song in new:
            target = _reserved(self.songs, song.name)
            target.unlink()
            target.symlink_to(song.resolve())
        return len(new)

    def copy(self, folder: Path) -> int:
        """Copies the songs of another folder, which may be gone some day.

        Returns:
            Number of songs.

        Raises:
            UserError: if the folder holds no songs.
            OSError: if the disk is full.
        """
        found = require_songs(folder, "as the folder of examples").songs
        for song in found:
            with self.unfinished(song.name) as path:
                shutil.copyfile(song, path)
        return len(found)

    def remove(self, name: str) -> None:
        """Moves a song out.

        Raises:
            UserError: if there is no such song.
        """
        _move(name, self.songs, self.removed)

    def restore(self, name: str) -> None:
        """Moves a song back.

        Raises:
            UserError: if no such song was moved out.
        """
        _move(name, self.removed, self.songs)


def _names(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    found = find_songs(folder)
    return [found.name(song) for song in pair(found.songs)]


def _is_there(new: Path, present: Path) -> bool:
    return present.is_file() and filecmp.cmp(new, present, shallow=False)


def _reserved(folder: Path, name: str) -> Path:
    """Empty new file: of a free name, which no concurrent upload can take any more."""
    stem, suffix = os.path.splitext(name)
    for number in itertools.count(2):
        with contextlib.suppress(FileExistsError):
            path = folder / name
            path.touch(exist_ok=False)
            return path
        name = outputs.file_name(stem, f" ({number}){suffix}")
    raise AssertionError


def _move(name: str, source: Path, target: Path) -> None:
    if name not in _names(source):
        raise UserError(f"there is no song {name}")
    target.mkdir(parents=True, exist_ok=True)
    _replace(source / name, _reserved(target, Path(name).name))


def _replace(file: Path, reserved: Path) -> None:
    """Moves a file to a reserved name, which is free again after an error."""
    try:
        os.replace(file, reserved)
    except OSError:
        reserved.unlink()
        raise
