"""Content and band folders of songs: their files, and checks that they share no song."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pipelines.audio.song_files import SongFiles, find_songs, require_songs
from pipelines.data.schema import DOMAINS, MANIFEST_FILE
from pipelines.errors import UserError
from pipelines.stems.files import Stem, pair


def find(sources: Mapping[str, Path]) -> dict[str, SongFiles]:
    """Song files of each domain; stems beside their songs are none, see `stems.files.pair`.

    Args:
        sources: the folder of each of DOMAINS; a file stands for a folder that holds only it.

    Raises:
        UserError: if a folder is missing, holds no songs or is a data folder; if one folder is the other or
            lies inside it, or both lead to the same song.
    """
    _require_apart(sources["content"], sources["band"])
    for path in sources.values():
        _require_unprepared(path)
    found = {domain: _without_stems(require_songs(sources[domain], f"as {domain}")) for domain in DOMAINS}
    _require_unshared(found)
    return found


def stems_of(source: Path) -> dict[Path, Stem]:
    """Stems of the songs of a folder by the paths of the songs."""
    return {song: stem for song, stem in pair(find_songs(source).songs).items() if stem}


def _without_stems(found: SongFiles) -> SongFiles:
    """Song files with the stems among the ignored ones."""
    songs = pair(found.songs)
    stems = tuple(found.name(path) for path in found.songs if path not in songs)
    ignored = {**found.ignored, "stems": stems} if stems else found.ignored
    return dataclasses.replace(found, songs=tuple(songs), ignored=ignored)


def ignored_files(found: Mapping[str, SongFiles]) -> Iterator[str]:
    """Sentence for each domain with ignored files."""
    for domain, each in found.items():
        if each.ignored:
            yield f"ignored in {domain}: {each.ignored_summary()}"


def parse_pair(data: str) -> dict[str, Path]:
    """Folder of each of DOMAINS, from "CONTENT,BAND".

    Of several commas, the separator is the one between two paths that exist.

    Raises:
        UserError: if there are several such commas.
    """
    parts = data.split(",")
    candidates = [(",".join(parts[:index]), ",".join(parts[index:])) for index in range(1, len(parts))]
    # A shell expands the first ~ only.
    pairs = [(Path(content).expanduser(), Path(band).expanduser()) for content, band in candidates]
    existing = [pair for pair in pairs if _count_existing(pair) == len(pair)]
    if len(existing) > 1:
        meanings = " or ".join(f"{content} and {band}" for content, band in existing)
        raise UserError(f"--data {data} can mean {meanings}: rename one of them")
    content, band = max(pairs, key=_count_existing)
    return {"content": content, "band": band}


def _count_existing(paths: Sequence[Path]) -> int:
    return sum(path.exists() for path in paths)


def require_outside(sources: Mapping[str, Path], out: Path) -> None:
    """Checks that the data folder lies outside the folders of songs.

    Args:
        sources: the folder of each of DOMAINS.
        out: the data folder, which need not exist.

    Raises:
        UserError: if shards would be written among the songs.
    """
    target = out.resolve()
    for source in (sources[domain].resolve() for domain in DOMAINS):
        if target == source or source in target.parents:
            raise UserError(f"--out {out} lies inside the songs of {source}: choose a folder of its own")
        if any(
            folder == source or folder in source.parents for folder in (target / name for name in DOMAINS)
        ):
            raise UserError(f"--out {out} would write its shards among the songs of {source}: choose another")


def _require_apart(content: Path, band: Path) -> None:
    if content.resolve() == band.resolve():
        raise UserError(f"--content and --band are the same folder ({band}): they must share no song")
    for outer, inner in ((content, band), (band, content)):
        if outer.resolve() in inner.resolve().parents:
            beside = [
                path
                for path in outer.iterdir()
                if path.is_dir() and not inner.resolve().is_relative_to(path.resolve())
            ]
            hint = f", such as {beside[0]}" if len(beside) == 1 else ""
            raise UserError(
                f"{inner} lies inside {outer}, and they must share no song: name a folder beside it{hint}"
            )


def _require_unprepared(path: Path) -> None:
    # Unlike that of pathlib, silent about folders that cannot be opened: the search for songs names them.
    if os.path.isfile(path / MANIFEST_FILE):
        raise UserError(
            f"{path} is a data folder that `coverband prepare` wrote: name a folder of songs, or train on it "
            "with --data"
        )


def _require_unshared(found: Mapping[str, SongFiles]) -> None:
    """Raises UserError if a link in one domain leads to a song of the other."""
    names = {domain: {os.path.realpath(song): song for song in each.songs} for domain, each in found.items()}
    for real in sorted(names["content"].keys() & names["band"].keys()):
        content, band = names["content"][real], names["band"][real]
        raise UserError(f"{content} and {band} are the same file, and the folders must share no song")
