"""Stem files: the singer alone, or the rest of the mix, beside the song to which they belong."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Sequence
from pathlib import Path


class Role(enum.Enum):
    """Part of a song that a stem holds; the value is its flag, and the end of its file name."""

    VOCALS = "vocals"
    INSTRUMENTAL = "instrumental"


@dataclasses.dataclass(frozen=True)
class Stem:
    """File of a part of a song.

    Attributes:
        path: anything that FFmpeg reads.
        role: its part.
    """

    path: Path
    role: Role


def pair(songs: Sequence[Path]) -> dict[Path, Stem | None]:
    """Songs with their stems: "a.vocals.wav" is the stem of "a.mp3" in the same folder, and no song.

    A stem without a song is a song. Of several stems of a song, vocals come first, then the first by name.

    Args:
        songs: files, with or without stems among them.

    Returns:
        The stem of every song that is not a stem itself, in the order of the songs.
    """
    names = {song.with_suffix("") for song in songs}
    stems = {path: stem for path in songs if (stem := _stem(path)) and _song_name(path) in names}
    ordered = sorted(stems.values(), key=lambda stem: (stem.role is not Role.VOCALS, stem.path))
    of_song = {_song_name(stem.path): stem for stem in reversed(ordered)}
    return {song: of_song.get(song.with_suffix("")) for song in songs if song not in stems}


def _stem(path: Path) -> Stem | None:
    """The stem that a file is by its name, or None."""
    ending = Path(path.stem).suffix[1:].lower()
    return next((Stem(path, role) for role in Role if role.value == ending), None)


def _song_name(stem: Path) -> Path:
    """Path of a stem's song without its suffix."""
    return stem.with_suffix("").with_suffix("")
