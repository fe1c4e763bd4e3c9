"""Rendering of the whole benchmark, and its catalogue."""

from __future__ import annotations

import collections
import functools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipelines.evaluation.pairs import RENDERING
from tools.rendering import records, render_pool, soundfonts
from tools.rendering.paired.plan import Recording
from tools.rendering.paired.rendering import render
from tools.rendering.records import Row
from tools.rendering.render_pool import Outcome

CATALOGUE = "catalogue.json"

_PAIRED = ("test", "melody")
"""Splits whose recordings are used in pairs only."""


def render_all(recordings: Sequence[Recording], soundfont: Path, out: Path, jobs: int) -> list[Row]:
    """Renders recordings and writes the catalogue.

    A recording that fails its check is left out, with all recordings of its pair.

    Args:
        recordings: the plan; files of an earlier plan that it does not contain are removed.
        soundfont: SoundFont of the instruments.
        out: folder of the benchmark.
        jobs: number of processes.

    Returns:
        The rows of the catalogue.

    Raises:
        UserError: if no recording passed.
        OSError: if a file cannot be written, for instance because the disk is full.
    """
    # Until all is rendered, the folder may hold files by another SoundFont.
    (out / RENDERING).unlink(missing_ok=True)
    task = functools.partial(render, soundfont=soundfont, out=out)
    outcomes = render_pool.render_all(task, recordings, jobs)
    incomplete = {_pair(each.item) for each in outcomes if each.row is None and each.item.split in _PAIRED}
    kept = [each for each in outcomes if each.row and _pair(each.item) not in incomplete]
    render_pool.require_any(kept, outcomes)
    rows = [row for outcome in kept for row in _rows(outcome)]
    render_pool.write_catalogue(out / CATALOGUE, rows, {outcome.item.path for outcome in kept})
    return rows


def write_settings(out: Path, soundfont: Path, size: str, seed: int) -> None:
    """Writes rendering.json, which `coverband evaluate --pairs` shows.

    Args:
        out: folder of the benchmark.
        soundfont: SoundFont of the instruments.
        size: a key of `plan.SIZES`.
        seed: of the plan.
    """
    settings = {"soundfont": soundfonts.identity(soundfont), "size": size, "seed": seed}
    records.write(out / RENDERING, (json.dumps(settings, indent=1) + "\n").encode())


def table(rows: Sequence[Row]) -> str:
    """Table by folder: files, minutes, megabytes and the least chroma similarity to the score."""
    folders = collections.defaultdict(list)
    for row in rows:
        folders[str(Path(row["path"]).parent)].append(row)
    lines = ["folder             files     min      MB  least chroma to score"]
    for folder, group in sorted(folders.items()):
        minutes, size = sum(row["seconds"] for row in group) / 60, sum(row["bytes"] for row in group) / 1e6
        least = min(row["chroma_to_score"] for row in group)
        lines.append(f"{folder:<18} {len(group):>5} {minutes:>7.1f} {size:>7.1f}  {least:.3f}")
    return "\n".join(lines)


def _pair(recording: Recording) -> tuple[str, str]:
    return recording.split, recording.piece.name


def _rows(outcome: Outcome[Recording]) -> Iterator[Row]:
    """Rows of the file and of its copies."""
    assert outcome.row is not None
    for path in (outcome.item.path, *outcome.item.copies):
        yield {**outcome.row, "path": path, "split": Path(path).parts[0]}
