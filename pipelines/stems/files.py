"""Stem files: the singer alone, or the rest of the mix, beside the song to which they belong."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Sequence
from pathlib import Path

from pipelines.audio.streams import Signal


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
        made_by: name of the program that separated it from the song; empty for a file of the user's.
    """

    path: Path
    role: Role
    made_by: str = ""

    def __str__(self) -> str:
        """Name in error messages: a path in the cache would say nothing to the user."""
        return f"the {self.role.value} stem by {self.made_by}" if self.made_by else str(self.path)

    def signal(self, sample_rate: int) -> Signal:
        """Signal of the file, under the stem's name."""
        return dataclasses.replace(Signal.from_file(self.path, sample_rate), name=str(self))


def pair(songs: Sequence[Path]) -> dict[Path, Stem | None]:
    """Songs with their stems: "a.vocals.wav" is the stem of "a.mp3" in the same folder, and no song.

    A stem without a song is a song. Of several stems of a song, vocals come first, then the first by name.

    Args:
        songs: files, with or without stems among them.

    Returns:
        The stem of every song that is not a stem itself, in the order of the songs.
    """
    names = {song.with_suffix("") for song in songs}
    stems = {path for path in songs if _stem(path) and _song_name(path) in names}
    of_song = by_song_name(sorted(stems), Role.VOCALS)
    return {song: of_song.get(song.with_suffix("")) for song in songs if song not in stems}


def by_song_name(files: Sequence[Path], preferred: Role) -> dict[Path, Stem]:
    """Stems among some files, by the paths of their songs without suffix.

    Args:
        files: of several stems of a song, the first is used.
        preferred: role of the stems that come before those of the other role.
    """
    stems = [stem for path in files if (stem := _stem(path))]
    ordered = sorted(stems, key=lambda stem: stem.role is not preferred)
    return {_song_name(stem.path): stem for stem in reversed(ordered)}


def _stem(path: Path) -> Stem | None:
    """The stem that a file is by its name, or None."""
    ending = Path(path.stem).suffix[1:].lower()
    return next((Stem(path, role) for role in Role if role.value == ending), None)


def _song_name(stem: Path) -> Path:
    """Path of a stem's song without its suffix."""
    return stem.with_suffix("").with_suffix("")
