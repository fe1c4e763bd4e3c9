"""The two folders of songs that a corpus is made of."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipelines.audio.finding import Found, find_some_songs
from pipelines.data.schema import DOMAINS, MANIFEST_FILE
from pipelines.errors import UserError


def find(sources: Mapping[str, Path]) -> dict[str, Found]:
    """The songs of each domain.

    Args:
        sources: the folder of each of DOMAINS; a file stands for a folder that holds it alone.

    Raises:
        UserError: if a folder is missing, holds no songs or is a data folder; if one is, or lies inside, the
            other, or both lead to the same song.
    """
    _require_apart(sources["content"].resolve(), sources["band"].resolve())
    for path in sources.values():
        _require_unprepared(path)
    found = {domain: find_some_songs(sources[domain], f"--{domain}") for domain in DOMAINS}
    _require_unshared(found)
    return found


def passed_over(found: Mapping[str, Found]) -> Iterator[str]:
    """A sentence for each domain that holds more than songs."""
    for domain, each in found.items():
        if each.passed_over:
            yield f"passed over in {domain}: {each.passed_over_sentence()}"


def require_outside(sources: Mapping[str, Path], out: Path) -> None:
    """Checks that a data folder does not get in the way of the songs.

    Args:
        sources: the folder of each of DOMAINS.
        out: the data folder; it need not exist.

    Raises:
        UserError: if shards would lie among the songs.
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
    if content == band:
        raise UserError(f"--content and --band are the same folder ({band}): they must share no song")
    for outer, inner in ((content, band), (band, content)):
        if outer in inner.parents:
            others = _subfolders(outer, inner)
            hint = f", such as {others[0]}" if len(others) == 1 else ""
            raise UserError(
                f"{inner} lies inside {outer}, and they must share no song: name the folder beside it{hint}"
            )


def _subfolders(outer: Path, inner: Path) -> list[Path]:
    """Folders of the outer folder that do not lead to the inner one."""
    return [path for path in outer.iterdir() if path.is_dir() and path not in (inner, *inner.parents)]


def _require_unprepared(path: Path) -> None:
    if (path / MANIFEST_FILE).is_file():
        raise UserError(
            f"{path} is a data folder that `coverband prepare` wrote: name a folder of songs, or train on it "
            "with --data"
        )


def _require_unshared(found: Mapping[str, Found]) -> None:
    """Refuses links in one domain that lead to songs of the other."""
    names = {domain: {os.path.realpath(song): song for song in each.songs} for domain, each in found.items()}
    for real in sorted(names["content"].keys() & names["band"].keys()):
        content, band = names["content"][real], names["band"][real]
        raise UserError(f"{content} and {band} are the same file, and the folders must share no song")
