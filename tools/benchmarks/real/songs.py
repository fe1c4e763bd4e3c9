"""Songs of an unpacked package: their files, titles and lengths."""

from __future__ import annotations

import collections
import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import soundfile

from pipelines import console, outputs
from pipelines.audio import files
from pipelines.errors import UserError
from tools.benchmarks.real import stems
from tools.benchmarks.real.fetch import Unpacked
from tools.benchmarks.real.packages import Package

LEAST_SECONDS = 30.0
"""Length of the shortest song; shorter files are jingles."""


@dataclasses.dataclass(frozen=True)
class Song:
    """Song of a package.

    Attributes:
        package: name of the package.
        version: of the package.
        name: path relative to the package's folder of songs, with forward slashes and the file's ending.
        artist: see `packages.Credit`.
        title: from the file's tag, or from its name.
        licence: SPDX identifier.
        seconds: length.
        path: of the file.
    """

    package: str
    version: str
    name: str
    artist: str
    title: str
    licence: str
    seconds: float
    path: Path


def find(package: Package, unpacked: Unpacked, mixes: Path) -> list[Song]:
    """Songs of a package, sorted by name; unreadable ones are reported and left out.

    Args:
        package: its entry in the table.
        unpacked: its files.
        mixes: folder for the mixes of stems, in which no other process writes; those of an earlier run are
            kept, and unfinished ones removed.

    Raises:
        UserError: if there is no usable song; the message begins with the package's name.
    """
    root = unpacked.folder / package.root
    outputs.remove_unfinished(mixes)
    paths = sorted({path for pattern in package.songs for path in root.glob(pattern)})
    found = _retitled(list(_songs(package, unpacked.version, root, paths, mixes / unpacked.folder.name)))
    if not found:
        raise UserError(
            f"{package.name}: version {unpacked.version} holds no song of {LEAST_SECONDS:g} s in "
            f"/{package.root}: correct its entry in tools/benchmarks/real/packages.py"
        )
    return found


def _songs(package: Package, version: str, root: Path, paths: list[Path], mixes: Path) -> Iterator[Song]:
    for path in paths:
        name = path.relative_to(root).as_posix()
        try:
            file = stems.mixed(path, mixes) if package.stems else path
            if file is None:  # a folder, or a file beside the folders, without stems
                continue
            song = _song(package, version, f"{name}{file.suffix}" if package.stems else name, file)
        except (UserError, soundfile.LibsndfileError) as error:
            console.say(f"{package.name}: left out: {error}")
            continue
        if song.seconds >= LEAST_SECONDS:
            yield song


def _song(package: Package, version: str, name: str, path: Path) -> Song:
    files.info(path)  # raises a UserError for a file that Coverband does not read
    credit = package.credit(name)
    with soundfile.SoundFile(path) as file:
        seconds = file.frames / file.samplerate
        title = file.title.strip() or _title_from_name(name)
        artist = credit.artist or file.artist.strip() or "unknown"
    return Song(package.name, version, name, artist, title, credit.licence, round(seconds, 3), path)


def _retitled(songs: list[Song]) -> list[Song]:
    """Songs of a package; a tag that several of them share is not a title, and the name is taken."""
    counts = collections.Counter(song.title for song in songs)
    return [
        dataclasses.replace(song, title=_title_from_name(song.name)) if counts[song.title] > 1 else song
        for song in songs
    ]


def _title_from_name(name: str) -> str:
    """Title from a song's name, without the number of the track: "cd/01_-_Some_Song.ogg" is "Some Song"."""
    stem = PurePosixPath(name).stem
    return re.sub(r"^\d+[\s._-]+", "", stem).replace("_", " ").strip() or stem
