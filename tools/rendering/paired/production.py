"""Renders all songs of a plan in several processes and writes the catalogue."""

from __future__ import annotations

import collections
import contextlib
import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipelines import console
from pipelines.data import worker_pool
from pipelines.errors import UserError
from pipelines.numba_cache import compile_ahead
from tools.rendering import records
from tools.rendering.paired.plan import Song
from tools.rendering.paired.rendering import Outcome, render

CATALOGUE = "catalogue.json"

_PAIRED = ("test", "melody")
"""Splits of no use without the other half of a pair."""


def render_all(songs: list[Song], soundfont: Path, out: Path, jobs: int) -> list[dict[str, Any]]:
    """Renders songs; one that fails its check is named and left out, with all of its pair.

    Args:
        songs: what is wanted.
        soundfont: the instruments.
        out: the benchmark's folder; what an earlier plan put there and this one does not is removed.
        jobs: processes.

    Returns:
        The rows of the catalogue, which is written.

    Raises:
        UserError: if no song passed.
        OSError: if a file cannot be written, for instance because the disk is full.
    """
    outcomes = _outcomes(songs, soundfont, out, jobs)
    failures = [outcome for outcome in outcomes if outcome.row is None]
    for outcome in failures:
        console.say(f"left out: {outcome.problem}")
    lost = {_pair(outcome.song) for outcome in failures if outcome.song.split in _PAIRED}
    kept = [o for o in outcomes if o.row and _pair(o.song) not in lost]
    if not kept:
        raise UserError(f"no rendering passed its check; the first problem: {failures[0].problem}")
    rows = [row for outcome in kept for row in _rows(outcome)]
    records.remove_others(out, {outcome.song.path for outcome in kept})
    records.write(out / CATALOGUE, (json.dumps(rows, indent=1, ensure_ascii=False) + "\n").encode())
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """A line for each folder: files, minutes, megabytes and the least likeness to the score."""
    folders = collections.defaultdict(list)
    for row in rows:
        folders[str(Path(row["path"]).parent)].append(row)
    lines = ["folder             files     min      MB  least chroma to score"]
    for folder, group in sorted(folders.items()):
        minutes, size = sum(row["seconds"] for row in group) / 60, sum(row["bytes"] for row in group) / 1e6
        worst = min(row["chroma_to_score"] for row in group)
        lines.append(f"{folder:<18} {len(group):>5} {minutes:>7.1f} {size:>7.1f}  {worst:.3f}")
    return "\n".join(lines)


def _outcomes(songs: list[Song], soundfont: Path, out: Path, jobs: int) -> list[Outcome]:
    """In the songs' order."""
    done = {}
    compile_ahead()
    task = functools.partial(render, soundfont=soundfont, out=out)
    with contextlib.closing(worker_pool.run(task, songs, jobs)) as results:
        for song, result in console.progress(results, "render", total=len(songs), unit="song"):
            done[song.path] = _outcome(song, result)
    return [done[song.path] for song in songs]


def _pair(song: Song) -> tuple[str, str]:
    return song.split, song.piece.name


def _outcome(song: Song, result: Outcome | BaseException) -> Outcome:
    if isinstance(result, OSError):
        raise result
    if isinstance(result, BaseException):
        return Outcome(song, None, f"{song.path} could not be rendered ({result!r})")
    return result


def _rows(outcome: Outcome) -> Iterator[dict[str, Any]]:
    assert outcome.row is not None
    for path in (outcome.song.path, *outcome.song.copies):
        yield {**outcome.row, "path": path, "split": Path(path).parts[0]}
