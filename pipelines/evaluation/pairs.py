"""Pairs of recordings of one score with the same timing: NAME.source.* and NAME.band.*."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from pathlib import Path

from pipelines.audio import files
from pipelines.audio.song_files import SUFFIXES, find_songs
from pipelines.errors import UserError
from pipelines.stems import files as stem_files
from pipelines.stems.files import Stem

RENDERING = "rendering.json"
"""File with the settings of rendered pairs, in one of the folders above them."""


@dataclasses.dataclass(frozen=True)
class Pair:
    """Two recordings of one piece with the same timing.

    Attributes:
        name: of the piece.
        source: recording of generic instruments.
        band: recording of the band.
    """

    name: str
    source: Path
    band: Path


def find_pairs(folder: Path) -> list[Pair]:
    """All pairs below a folder, sorted.

    Raises:
        UserError: if there is no folder, no pair in it, or a source without the band's recording.
    """
    return [_pair(source) for source in find_sources(folder)]


def find_sources(folder: Path) -> list[Path]:
    """The source of every pair below a folder, sorted; the band's recordings are not checked.

    Raises:
        UserError: if there is no folder, or no source in it.
    """
    sources = [path for path in find_songs(folder).songs if path.stem.endswith(".source")]
    if not sources:
        raise UserError(
            f"{folder} holds no recordings named NAME.source.* and NAME.band.*: name a folder that does"
        )
    return sources


def name_of(source: Path) -> str:
    """Name of a piece, from the path of its source."""
    return source.stem.removesuffix(".source")


def band_path(source: Path) -> Path | None:
    """Path of the band's recording that belongs to a source, in any audio format; None if it is missing."""
    name = name_of(source)
    suffixes = (source.suffix, *files.SUFFIXES, *(f".{ending}" for ending in sorted(SUFFIXES)))
    candidates = (source.with_name(f"{name}.band{suffix}") for suffix in suffixes)
    return next((path for path in candidates if path.is_file()), None)


def notes_path(source: Path) -> Path | None:
    """Path of the piece's notes as MIDI (NAME.notes.mid); None if it is missing."""
    path = source.with_name(f"{name_of(source)}.notes.mid")
    return path if path.is_file() else None


def stem_of(source: Path) -> Stem | None:
    """Stem of a source (NAME.source.vocals.* or NAME.source.instrumental.*); None if it is missing."""
    beside = [path for path in sorted(source.parent.iterdir()) if path.suffix[1:].lower() in SUFFIXES]
    return stem_files.pair(beside).get(source)  # none of a name with a space at its end


def soundfont_of(folder: Path) -> str:
    """Name and SHA-256 of the SoundFont that rendered a folder of pairs; "" if that is not recorded.

    `python -m tools render paired` records it two folders above the pairs.
    """
    for parent in (folder.resolve(), *folder.resolve().parents[:2]):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            soundfont = json.loads((parent / RENDERING).read_text())["soundfont"]
            return f"{soundfont['name']} (SHA-256 {soundfont['sha256']})"
    return ""


def _pair(source: Path) -> Pair:
    band = band_path(source)
    if band is None:
        missing = f"{name_of(source)}.band{source.suffix}"
        raise UserError(f"{source} has no partner {missing}: add it, or remove the source")
    return Pair(name_of(source), source, band)
