"""Rendering of all transcription data, and their catalogue."""

from __future__ import annotations

import collections
import functools
from collections.abc import Sequence
from pathlib import Path

from tools.rendering import render_pool
from tools.rendering.records import Row
from tools.rendering.transcription.recording import Recording
from tools.rendering.transcription.rendering import render

CATALOGUE = "recordings.json"


def render_all(recordings: Sequence[Recording], out: Path, jobs: int) -> list[Row]:
    """Renders recordings and writes the catalogue; those that fail their check are left out.

    Args:
        recordings: the plan; files of an earlier plan that it does not contain are removed.
        out: folder of the transcription data.
        jobs: number of processes.

    Returns:
        The rows of the catalogue.

    Raises:
        UserError: if no recording passed.
        OSError: if a file cannot be written, for instance because the disk is full.
    """
    outcomes = render_pool.render_all(functools.partial(render, out=out), recordings, jobs)
    kept = [outcome for outcome in outcomes if outcome.row]
    render_pool.require_any(kept, outcomes)
    rows = [
        {key: value for key, value in outcome.row.items() if key != "bytes"}
        for outcome in kept
        if outcome.row is not None
    ]
    render_pool.write_catalogue(out / CATALOGUE, rows, {outcome.item.path for outcome in kept})
    return rows


def table(rows: Sequence[Row]) -> str:
    """Table by split, kind and SoundFont: songs, minutes and the least chroma similarity to the score."""
    lines = [f"{'':<26}   songs     min  least chroma to score"]
    for column in ("split", "kind", "soundfont"):
        groups = collections.defaultdict(list)
        for row in rows:
            groups[row[column]].append(row)
        for name, group in sorted(groups.items()):
            minutes = sum(row["seconds"] for row in group) / 60
            least = min(row["chroma_to_score"] for row in group)
            lines.append(f"{column + ' ' + name:<26} {len(group):>7} {minutes:>7.1f}  {least:.3f}")
    return "\n".join(lines)
