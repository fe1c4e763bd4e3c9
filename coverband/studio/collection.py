"""Folder of things with names, which are renamed, moved out and put back, never deleted."""

from __future__ import annotations

import dataclasses
import itertools
import os
from pathlib import Path

from coverband.studio.names import require_name
from pipelines.errors import UserError


@dataclasses.dataclass(frozen=True)
class Collection:
    """Things of one kind, each a folder or a file.

    Attributes:
        path: folder of the things.
        removed: folder of those that were moved out; both need not exist.
        what: kind of a thing, such as "a band", for error messages.
        suffix: of the files; empty for folders.
        reserved: beginnings of names that are of something else.
        beside: folders with what belongs to a thing, under its name; that moves with it, and into the thing
            when it is moved out.
    """

    path: Path
    removed: Path
    what: str
    suffix: str = ""
    reserved: tuple[str, ...] = (".",)
    beside: tuple[Path, ...] = ()

    def names(self) -> list[str]:
        """Names of the things, in order."""
        return self._names(self.path)

    def removed_names(self) -> list[str]:
        """Names of the things that were moved out."""
        return self._names(self.removed)

    def member(self, name: object) -> Path:
        """Path of a thing, which need not exist.

        Raises:
            UserError: if the name is not possible.
        """
        possible = require_name(name, self.what)
        if possible.casefold().startswith(self.reserved):
            raise UserError(f"the name of {self.what} cannot begin with {' or '.join(self.reserved)}")
        return self.path / f"{possible}{self.suffix}"

    def name_of(self, path: Path) -> str:
        """Name of a thing."""
        return path.name.removesuffix(self.suffix)

    def require_new(self, name: object, *, besides: str | None = None) -> Path:
        """Path of a thing that does not exist yet, also not in other letters' case.

        Args:
            name: of the thing.
            besides: name of a thing that may have it.

        Raises:
            UserError: if the name is not possible, or taken.
        """
        path = self.member(name)
        new = self.name_of(path)
        if any(each.casefold() == new.casefold() for each in self.names() if each != besides):
            raise UserError(f"there is {self.what} {new} already")
        return path

    def rename(self, name: str, new: object) -> Path:
        """Renames a thing.

        Raises:
            UserError: if there is no such thing, or the new name is not possible, or taken.
        """
        target = self.require_new(new, besides=name)
        os.replace(self._require(name, self.path), target)
        for folder in self.beside:
            _carry(folder / name, folder / target.name)
        return target

    def remove(self, name: str) -> Path:
        """Moves a thing out, to the returned path.

        Raises:
            UserError: if there is no such thing.
        """
        target = self._move(name, self.path, self.removed)
        for folder in self.beside:
            _carry(folder / name, target / folder.name)
        return target

    def restore(self, name: str) -> Path:
        """Moves a thing back, to the returned path.

        Raises:
            UserError: if no such thing was moved out.
        """
        target = self._move(name, self.removed, self.path)
        for folder in self.beside:
            _carry(target / folder.name, folder / target.name)
        return target

    def _move(self, name: str, source: Path, target: Path) -> Path:
        thing = self._require(name, source)
        target.mkdir(parents=True, exist_ok=True)
        names = itertools.chain([name], (f"{name} ({number})" for number in itertools.count(2)))
        free = next(path for each in names if not os.path.lexists(path := target / f"{each}{self.suffix}"))
        os.replace(thing, free)
        return free

    def _require(self, name: str, folder: Path) -> Path:
        if name not in self._names(folder):
            raise UserError(f"there is no {self.what.removeprefix('a ')} {name}")
        return folder / f"{name}{self.suffix}"

    def _names(self, folder: Path) -> list[str]:
        if not folder.is_dir():
            return []
        things = (path for path in folder.iterdir() if path.is_dir() != bool(self.suffix))
        names = (self.name_of(path) for path in things if path.name.endswith(self.suffix))
        return sorted(name for name in names if not name.casefold().startswith(self.reserved))


def _carry(source: Path, target: Path) -> None:
    """Moves a folder, if it exists and the place is free."""
    if source.is_dir() and not target.exists():
        target.parent.mkdir(exist_ok=True)
        os.replace(source, target)
