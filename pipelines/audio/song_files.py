"""Song files of a folder: files whose suffix can be audio; all other files are ignored and listed by kind."""

from __future__ import annotations

import dataclasses
import os
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipelines.audio.path_errors import no_folder, no_songs

_AUDIO = """
3g2 3ga 3gp aa3 aac ac3 adts aif aifc aiff alac amr ape asf au avi awb bwf caf dff dsf dts eac3 f4a f4v flac
flv gsm m2ts m4a m4b m4r m4v mka mkv mlp mov mp1 mp2 mp3 mp4 mpa mpc mpeg mpg mpga mpp mts oga ogg ogm ogv ogx
oma opus qoa qt ra rf64 rm shn snd sox spx tak thd ts tta voc vob w64 wav wave weba webm wma wmv wv
"""
SUFFIXES = frozenset(_AUDIO.split())
"""Suffixes, without the dot and in lower case, of files that can hold audio; FFmpeg then goes by content."""

_KINDS = {
    "pictures": "avif bmp gif heic heif ico jpe jpeg jpg png psd svg tif tiff webp",
    "texts": "csv doc docx htm html json log lrc md nfo odt pdf rtf sfv srt tex tsv txt xml yaml yml",
    "archives": "7z bz2 dmg gz iso rar tar tgz xz zip zst",
    "playlists": "asx cue m3u m3u8 pls wpl xspf",
    "note files": "gp gp3 gp4 gp5 gpx kar mid midi mscz musicxml mxl",
    "copy-protected files": "aax m4p",
    "unfinished downloads": "crdownload download opdownload part partial",
}
_KIND_OF = {suffix: kind for kind, suffixes in _KINDS.items() for suffix in suffixes.split()}

_JUNK = frozenset(
    (
        *(".appledouble", ".ds_store", ".fseventsd", ".git", ".spotlight-v100", ".temporaryitems"),
        *("#recycle", "$recycle.bin", "@eadir", "__macosx", "desktop.ini", "ehthumbs.db", "thumbs.db"),
        "system volume information",
    )
)
"""Names, in lower case, of files and folders that operating systems create: they are not listed at all."""
_MAX_NAMES = 3
"""Names that `abbreviated` spells out."""


@dataclasses.dataclass(frozen=True)
class SongFiles:
    """Songs and ignored files of a folder; a single file stands for a folder that holds only it.

    Attributes:
        root: folder to which names are relative.
        songs: sorted paths; every real file once.
        ignored: names of the other files by kind, such as "pictures".
    """

    root: Path
    songs: tuple[Path, ...]
    ignored: Mapping[str, tuple[str, ...]]

    def name(self, song: Path) -> str:
        """Path of a song relative to the root, with forward slashes."""
        return song.relative_to(self.root).as_posix()

    def ignored_summary(self) -> str:
        """Ignored files in one line, such as "pictures: 2 (a.jpg, b.jpg); archives: 1 (c.zip)"."""
        ordered = sorted(self.ignored.items(), key=lambda item: (-len(item[1]), item[0]))
        return "; ".join(f"{kind}: {len(names)} ({abbreviated(names)})" for kind, names in ordered)


def require_songs(path: Path, use: str) -> SongFiles:
    """Songs of a path, at least one: `find_songs`, and an error where it finds none.

    Args:
        path: a folder or a file.
        use: how the folder is used, for the error message, such as "with --input" or "as content".

    Raises:
        UserError: as `find_songs`, and for a folder without songs; the message lists what it holds.
    """
    found = find_songs(path)
    if not found.songs:
        raise no_songs(path, found.ignored, found.ignored_summary(), use)
    return found


def find_songs(path: str | Path) -> SongFiles:
    """Finds the songs below a folder, and lists its other files.

    Links are followed. A real file is found once, however many links lead to it: under its name in the folder
    itself if it has one, else under the first link: a loop of links ends, and no song is returned twice.
    Names may begin with a dot; files of operating systems (`._*`, `.DS_Store`, `@eaDir`, trash) and
    Coverband's own unfinished files are left out.

    Args:
        path: a folder, or a file, which is then the only song, whatever its suffix.

    Raises:
        UserError: if the path does not exist, or the folder cannot be opened.
    """
    path = Path(path)
    if os.path.isfile(path):
        return SongFiles(path.parent, (path,), {})
    search = _Search(path)
    search.run()
    ignored = {kind: tuple(sorted(names)) for kind, names in search.ignored.items()}
    return SongFiles(path, tuple(sorted(search.songs)), ignored)


class _Search:
    """Breadth-first walk through a folder; links are followed after all files and folders in it."""

    def __init__(self, root: Path) -> None:
        self.songs: list[Path] = []
        self.ignored: dict[str, list[str]] = defaultdict(list)
        self._root = root
        self._folders, self._links = deque([root]), deque[Path]()
        self._seen: set[str] = set()

    def run(self) -> None:
        """Fills `songs` and `ignored`."""
        while self._folders or self._links:
            if self._folders:
                self._enter(self._folders.popleft())
            else:
                self._follow(self._links.popleft())

    def _enter(self, folder: Path) -> None:
        if not self._is_new(folder):
            return
        for entry in self._entries(folder):
            path = folder / entry.name
            if _is_junk(entry.name):
                continue
            if entry.is_symlink():
                self._links.append(path)
            elif entry.is_dir():
                self._folders.append(path)
            else:
                self._add(path)

    def _entries(self, folder: Path) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            if folder == self._root:
                raise no_folder(folder, error) from error
            self._ignore("folders that cannot be opened", folder)
            return []

    def _follow(self, link: Path) -> None:
        if os.path.isdir(link) and os.path.realpath(link) not in self._seen:
            self._folders.append(link)
        elif os.path.isdir(link):
            self._ignore("links to what is found already", link)
        elif os.path.isfile(link):
            self._add(link)
        else:
            self._ignore("links that lead nowhere", link)

    def _add(self, path: Path) -> None:
        suffix = path.suffix[1:].strip().lower()
        if not os.path.isfile(path):
            self._ignore("files of the system", path)
        elif not suffix:
            self._ignore("files without an ending", path)
        elif suffix not in SUFFIXES:
            self._ignore(_KIND_OF.get(suffix, "other files"), path)
        elif self._is_new(path):
            self.songs.append(path)
        else:
            self._ignore("links to what is found already", path)

    def _is_new(self, path: Path) -> bool:
        real = os.path.realpath(path)
        new = real not in self._seen
        self._seen.add(real)
        return new

    def _ignore(self, kind: str, path: Path) -> None:
        self.ignored[kind].append(path.relative_to(self._root).as_posix())


def _is_junk(name: str) -> bool:
    lower = name.lower()
    return (
        lower.startswith(("._", ".trash"))
        or lower in _JUNK
        or (lower.startswith(".") and lower.endswith((".part", ".tmp")))
    )


def abbreviated(names: Sequence[str]) -> str:
    """Names in one line, of many only the first: "a, b, c and 9 more"."""
    shown = ", ".join(names[:_MAX_NAMES])
    return shown if len(names) <= _MAX_NAMES else f"{shown} and {len(names) - _MAX_NAMES} more"
