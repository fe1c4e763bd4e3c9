"""Held-out tunes: test sets of the benchmark and the demo, which the transcription data exclude."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from tools.demo import plan as demo_plan
from tools.rendering import records, scores
from tools.rendering.paired.plan import SIZES, plan
from tools.rendering.repertoire import Work
from tools.rendering.scores import Piece, Tune

_SPLITS = ("test", "judge")  # development pairs are copies of the latter
_DEMO = range(250, 439)  # BWV numbers that the demo chooses from, see `scores.chorales`
_FILE = "tested.json"


@dataclasses.dataclass(frozen=True)
class HeldOut:
    """Works and tunes that the transcription data must not contain.

    Attributes:
        names: names of works.
        tunes: tunes of these works and of their excerpts.
    """

    names: frozenset[str]
    tunes: tuple[Tune, ...]

    def contains(self, piece: Piece) -> bool:
        """True if the piece is one of the works, or resembles one of the tunes."""
        tune = scores.tune(piece)
        return piece.name in self.names or any(tune.resembles(other) for other in self.tunes)


def held_out(benchmark: Sequence[Work], cache: Path) -> HeldOut:
    """Works and tunes of the test sets of the benchmark (both sizes, seed 0) and of the demo.

    Args:
        benchmark: works that both choose from, `repertoire.works`.
        cache: folder for the result, whose computation takes 15 seconds.
    """
    names = sorted(work.piece.name for work in benchmark)
    key = hashlib.sha256(f"{names} {SIZES}".encode()).hexdigest()
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        cached = json.loads((cache / _FILE).read_text())
        if cached["key"] == key:
            return HeldOut(frozenset(cached["names"]), tuple(_tune(**tune) for tune in cached["tunes"]))
    result = _held_out(benchmark)
    tunes = [dataclasses.asdict(tune) for tune in result.tunes]
    content = json.dumps({"key": key, "names": sorted(result.names), "tunes": tunes})
    records.write(cache / _FILE, content.encode())
    return result


def _held_out(benchmark: Sequence[Work]) -> HeldOut:
    planned = [each for size in SIZES.values() for each in plan(benchmark, size) if each.split in _SPLITS]
    whole = [each.work.piece for each in planned] + _demo(benchmark)
    pieces = {piece.name: piece for piece in [*whole, *(each.piece for each in planned)]}
    tunes = {scores.tune(piece) for _, piece in sorted(pieces.items())}
    return HeldOut(frozenset(piece.name for piece in whole), tuple(sorted(tunes, key=str)))


def _demo(benchmark: Sequence[Work]) -> list[Piece]:
    """Pieces of the demo's test pairs."""
    # The demo chooses from music21's list of chorales, all of which have titles.
    pieces = {work.piece.name: work.piece for work in benchmark if work.piece.title}
    chorales = [pieces[name] for number in _DEMO if (name := f"bwv{number}") in pieces]
    return [each.piece for each in demo_plan.plan(chorales) if each.split == "truth"]


def _tune(title: str, intervals: list[int], beats: list[int]) -> Tune:
    return Tune(title, tuple(intervals), tuple(beats))
