"""The two folders of songs that a corpus is made of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pipelines.audio import files
from pipelines.data.schema import DOMAINS
from pipelines.errors import UserError


def find(sources: Mapping[str, Path]) -> dict[str, list[Path]]:
    """The songs of each domain.

    Args:
        sources: the folder of each of DOMAINS.

    Raises:
        UserError: if a folder is missing or holds no songs, or if one is, or lies inside, the other.
    """
    _require_apart(sources["content"].resolve(), sources["band"].resolve())
    songs = {domain: files.find_songs(sources[domain]) for domain in DOMAINS}
    for domain, found in songs.items():
        if not found:
            raise UserError(f"{sources[domain]} holds no songs: put {', '.join(files.SUFFIXES)} files there")
    return songs


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
    if content in band.parents or band in content.parents:
        raise UserError(f"of {content} and {band}, one lies inside the other: they must share no song")
