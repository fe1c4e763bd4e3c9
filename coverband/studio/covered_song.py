"""Folder of a song that is translated: the song, its stem, and its covers by several models."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

from coverband.studio.collection import Collection
from pipelines.errors import UserError
from pipelines.stems.files import Role, Stem

SOURCE = "source"
"""Stem of the song's file name; covers lie beside it."""


@dataclasses.dataclass(frozen=True)
class CoveredSong:
    """Folder of a song and its covers.

    Attributes:
        path: the folder. Inside it: source.*, its stem source.vocals.* or source.instrumental.* if it has
            one, the covers, and removed/ with those that were moved out.
    """

    path: Path

    @property
    def title(self) -> str:
        """Title of the song."""
        return self.path.name

    @property
    def source(self) -> Path | None:
        """The song's file; None as long as it is uploaded."""
        return next((path for path in self._files() if path.stem == SOURCE), None)

    @property
    def stem(self) -> Stem | None:
        """The song's vocals or instrumental, if it was uploaded."""
        for role in Role:
            for path in self._files():
                if path.stem == f"{SOURCE}.{role.value}":
                    return Stem(path, role)
        return None

    @property
    def covers(self) -> list[str]:
        """Names of the finished covers without suffix, the newest first."""
        return sorted(self.collection.names(), key=lambda name: -self.cover(name).stat().st_mtime)

    @property
    def collection(self) -> Collection:
        """Files of the covers, beside which the song and its stem may be."""
        return Collection(self.path, self.path / "removed", "a cover", ".wav", (".", SOURCE))

    def cover(self, name: object) -> Path:
        """File of a cover, which need not exist.

        Raises:
            UserError: if the name is not possible, or could be that of the song or its stem.
        """
        return self.collection.member(name)

    def sound(self, name: object) -> Path:
        """File of the source or of a cover.

        Raises:
            UserError: if there is none of that name.
        """
        path = self.source if name == SOURCE else self.cover(name)
        if path is None or not path.is_file():
            raise UserError(f"there is no cover {name}")
        return path

    def add_stem(self, file: Path, role: Role, suffix: str) -> None:
        """Moves a file to where a stem lies, in place of an earlier one."""
        earlier, target = self.stem, self.path / f"{SOURCE}.{role.value}{suffix}"
        os.replace(file, target)
        if earlier is not None and earlier.path != target:
            earlier.path.unlink()

    def remove_stem(self) -> None:
        """Deletes the stem, if there is one: a copy of the user's file."""
        if (stem := self.stem) is not None:
            stem.path.unlink()

    def _files(self) -> list[Path]:
        if not self.path.is_dir():
            return []
        return sorted(path for path in self.path.iterdir() if not path.name.startswith("."))
