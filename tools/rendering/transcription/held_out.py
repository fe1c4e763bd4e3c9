"""Tunes of the test sets of the benchmark and the demo, which the transcription data exclude."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from tools.rendering import records
from tools.rendering.held_out import HeldOut, demo_truth, demo_truth_names
from tools.rendering.paired.plan import SIZES, plan_all
from tools.rendering.repertoire import Work
from tools.rendering.scores import Tune

_SPLITS = ("test", "judge")  # development pairs are copies of the latter
_FILE = "tested.json"


def held_out(benchmark: Sequence[Work], cache: Path) -> HeldOut:
    """Works and tunes of the test sets of the benchmark (both sizes, seed 0) and of the demo.

    Args:
        benchmark: works that both choose from, `repertoire.works`.
        cache: folder for the result, whose computation takes 15 seconds.
    """
    names = sorted(work.piece.name for work in benchmark)
    key = hashlib.sha256(f"{names} {SIZES} {sorted(demo_truth_names())}".encode()).hexdigest()
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
    planned = [each for size in SIZES.values() for each in plan_all(benchmark, size) if each.split in _SPLITS]
    demo = demo_truth(benchmark)
    tested = HeldOut.from_pieces(
        {each.work.piece.name: each.work.piece for each in planned}.values(),
        {each.piece.name: each.piece for each in planned}.values(),
    )
    return HeldOut(tested.names | demo.names, tuple(sorted({*tested.tunes, *demo.tunes}, key=str)))


def _tune(title: str, intervals: list[int], beats: list[int]) -> Tune:
    return Tune(title, tuple(intervals), tuple(beats))
