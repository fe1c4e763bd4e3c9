"""Finding songs: files that are tried as audio, and those that are passed over, by kind."""

from __future__ import annotations

import dataclasses
import os
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipelines.audio.path_errors import no_folder, no_songs

_TRIED = """
3g2 3ga 3gp aa3 aac ac3 adts aif aifc aiff alac amr ape asf au avi awb bwf caf dff dsf dts eac3 f4a f4v flac
flv gsm m2ts m4a m4b m4r m4v mka mkv mlp mov mp1 mp2 mp3 mp4 mpa mpc mpeg mpg mpga mpp mts oga ogg ogm ogv ogx
oma opus qoa qt ra rf64 rm shn snd sox spx tak thd ts tta voc vob w64 wav wave weba webm wma wmv wv
"""
ENDINGS = frozenset(_TRIED.split())
"""Endings, without the dot and in lower case, of the files that are tried: FFmpeg reads by content."""

_KINDS = {
    "pictures": "avif bmp gif heic heif ico jpe jpeg jpg png psd svg tif tiff webp",
    "texts": "csv doc docx htm html json log lrc md nfo odt pdf rtf sfv srt tex tsv txt xml yaml yml",
    "archives": "7z bz2 dmg gz iso rar tar tgz xz zip zst",
    "playlists": "asx cue m3u m3u8 pls wpl xspf",
    "note files": "gp gp3 gp4 gp5 gpx kar mid midi mscz musicxml mxl",
    "copy-protected files": "aax m4p",
    "unfinished downloads": "crdownload download opdownload part partial",
}
_KIND_OF = {ending: kind for kind, endings in _KINDS.items() for ending in endings.split()}

_JUNK = frozenset(
    (
        *(".appledouble", ".ds_store", ".fseventsd", ".git", ".spotlight-v100", ".temporaryitems"),
        *("#recycle", "$recycle.bin", "@eadir", "__macosx", "desktop.ini", "ehthumbs.db", "thumbs.db"),
        "system volume information",
    )
)
"""Names, in lower case, that systems leave in folders of songs: they are not counted."""
_NAMED = 3
"""Names of each kind that `few` gives."""


@dataclasses.dataclass(frozen=True)
class Found:
    """The files of a folder, or one file in the place of a folder.

    Attributes:
        root: folder to which names are relative.
        songs: sorted; every real file once.
        passed_over: names of the other files by kind, such as "pictures".
    """

    root: Path
    songs: tuple[Path, ...]
    passed_over: Mapping[str, tuple[str, ...]]

    def name(self, song: Path) -> str:
        """Path below the root, with slashes."""
        return song.relative_to(self.root).as_posix()

    def passed_over_sentence(self) -> str:
        """Such as "pictures: 2 (a.jpg, b.jpg); archives: 1 (c.zip)"; empty if there are no other files."""
        ordered = sorted(self.passed_over.items(), key=lambda item: (-len(item[1]), item[0]))
        return "; ".join(f"{kind}: {len(names)} ({few(names)})" for kind, names in ordered)


def find_some_songs(path: Path, use: str) -> Found:
    """`find_songs` of a path that has to hold at least one.

    Args:
        path: a folder or a file.
        use: of the folder, such as "with --input" or "as content".

    Raises:
        UserError: as `find_songs`, and for a folder without songs, saying what it holds.
    """
    found = find_songs(path)
    if not found.songs:
        raise no_songs(path, found.passed_over, found.passed_over_sentence(), use)
    return found


def find_songs(path: str | Path) -> Found:
    """Finds the files below a folder that are tried as songs, and says what else is there.

    Links are followed. A real file is found once, however many links lead to it: under its name in the folder
    itself if it has one, else under the first link; so a loop of links ends, and no song comes twice. Names
    that begin with a dot are songs as others are; what systems leave behind (`._*`, `.DS_Store`, `@eaDir`,
    trash, our own unfinished files) is not.

    Args:
        path: a folder, or a file, which is then the one song, whatever its ending.

    Raises:
        UserError: if there is no such folder or file, or the folder may not be opened.
    """
    path = Path(path)
    if os.path.isfile(path):
        return Found(path.parent, (path,), {})
    search = _Search(path)
    search.run()
    passed_over = {kind: tuple(sorted(names)) for kind, names in search.passed_over.items()}
    return Found(path, tuple(sorted(search.songs)), passed_over)


class _Search:
    """Walk through a folder: first what lies in it, then where its links lead."""

    def __init__(self, root: Path) -> None:
        self.songs: list[Path] = []
        self.passed_over: dict[str, list[str]] = defaultdict(list)
        self._root = root
        self._folders, self._links = deque([root]), deque[Path]()
        self._seen: set[str] = set()

    def run(self) -> None:
        """Fills `songs` and `passed_over`."""
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
            self._pass_over("folders that cannot be opened", folder)
            return []

    def _follow(self, link: Path) -> None:
        if os.path.isdir(link) and os.path.realpath(link) not in self._seen:
            self._folders.append(link)
        elif os.path.isdir(link):
            self._pass_over("links to what is found already", link)
        elif os.path.isfile(link):
            self._add(link)
        else:
            self._pass_over("links that lead nowhere", link)

    def _add(self, path: Path) -> None:
        ending = path.suffix[1:].strip().lower()
        if not os.path.isfile(path):
            self._pass_over("files of the system", path)
        elif not ending:
            self._pass_over("files without an ending", path)
        elif ending not in ENDINGS:
            self._pass_over(_KIND_OF.get(ending, "other files"), path)
        elif self._is_new(path):
            self.songs.append(path)
        else:
            self._pass_over("links to what is found already", path)

    def _is_new(self, path: Path) -> bool:
        real = os.path.realpath(path)
        new = real not in self._seen
        self._seen.add(real)
        return new

    def _pass_over(self, kind: str, path: Path) -> None:
        self.passed_over[kind].append(path.relative_to(self._root).as_posix())


def _is_junk(name: str) -> bool:
    lower = name.lower()
    return (
        lower.startswith(("._", ".trash"))
        or lower in _JUNK
        or (lower.startswith(".") and lower.endswith((".part", ".tmp")))
    )


def few(names: Sequence[str]) -> str:
    """The first names of many, such as "a, b, c and 9 more"."""
    shown = ", ".join(names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED} more"
