"""Tunes that a transcriber must not have been taught: what the benchmark and the demo test on."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from tools.demo import plan as demo_plan
from tools.rendering import scores
from tools.rendering.paired.plan import SIZES, plan
from tools.rendering.repertoire import Work
from tools.rendering.scores import Piece, Tune

_SPLITS = ("test", "judge")  # The pairs to develop with are the judge's.
_DEMO = range(250, 439)  # The numbers in Bach's catalogue that the demo chooses from, see `scores.chorales`.
_FILE = "tested.json"


@dataclasses.dataclass(frozen=True)
class Tested:
    """Held-out works and tunes, which the transcription data must not contain.

    Attributes:
        names: of whole works.
        tunes: of these works, and of the held-out excerpts.
    """

    names: frozenset[str]
    tunes: tuple[Tune, ...]

    def has(self, piece: Piece) -> bool:
        """True if the piece is one of these works, opens with much the same melody, or shares a title."""
        tune = scores.tune(piece)
        return piece.name in self.names or any(tune.resembles(other) for other in self.tunes)


def tested(benchmark: Sequence[Work], cache: Path) -> Tested:
    """Held-out works and tunes: those on which the benchmark (both sizes, seed 0) and the demo test.

    Args:
        benchmark: what they choose from, `repertoire.works`.
        cache: folder in which the answer is kept, because it takes a quarter of a minute.
    """
    names = sorted(work.piece.name for work in benchmark)
    key = hashlib.sha256(f"{names} {SIZES}".encode()).hexdigest()
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        known = json.loads((cache / _FILE).read_text())
        if known["key"] == key:
            return Tested(frozenset(known["names"]), tuple(_tune(**tune) for tune in known["tunes"]))
    found = _tested(benchmark)
    tunes = [dataclasses.asdict(tune) for tune in found.tunes]
    new = cache / f".new-{_FILE}"
    new.write_text(json.dumps({"key": key, "names": sorted(found.names), "tunes": tunes}))
    new.replace(cache / _FILE)
    return found


def _tested(benchmark: Sequence[Work]) -> Tested:
    songs = [song for size in SIZES.values() for song in plan(benchmark, size) if song.split in _SPLITS]
    whole = [song.work.piece for song in songs] + _demo(benchmark)
    pieces = {piece.name: piece for piece in [*whole, *(song.piece for song in songs)]}
    tunes = {scores.tune(piece) for _, piece in sorted(pieces.items())}
    return Tested(frozenset(piece.name for piece in whole), tuple(sorted(tunes, key=str)))


def _demo(benchmark: Sequence[Work]) -> list[Piece]:
    """The pieces of the demo's truth."""
    # Those without a title are not in music21's list of chorales, which the demo reads.
    pieces = {work.piece.name: work.piece for work in benchmark if work.piece.title}
    chorales = [pieces[name] for number in _DEMO if (name := f"bwv{number}") in pieces]
    return [song.piece for song in demo_plan.plan(chorales) if song.split == "truth"]


def _tune(title: str, intervals: list[int], beats: list[int]) -> Tune:
    return Tune(title, tuple(intervals), tuple(beats))
