"""Pairs of recordings of one score with the same timing: NAME.source.* and NAME.band.*."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from pipelines.audio import files
from pipelines.errors import UserError

DEMO_SONGS = Path(__file__).parent / "demo_songs"
"""The demo's corpus, in a checkout of the repository; an installed wheel does not have it."""


@dataclasses.dataclass(frozen=True)
class Pair:
    """One piece, played twice.

    Attributes:
        name: of the piece.
        source: played by a generic instrument.
        band: played by the band.
    """

    name: str
    source: Path
    band: Path


def find_pairs(folder: Path) -> list[Pair]:
    """All pairs below a folder, sorted.

    Raises:
        UserError: if there is no folder, no pair in it, or one without its partner.
    """
    sources = [path for path in files.find_songs(folder) if path.stem.endswith(".source")]
    if not sources:
        raise UserError(
            f"{folder} holds no recordings named NAME.source.* and NAME.band.*: name a folder that does"
        )
    return [_pair(source) for source in sources]


def _pair(source: Path) -> Pair:
    name = source.stem.removesuffix(".source")
    band = source.with_name(f"{name}.band{source.suffix}")
    if not band.is_file():
        raise UserError(f"{source} has no partner {band.name}: add it, or take the source away")
    return Pair(name, source, band)
