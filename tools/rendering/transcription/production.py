"""Renders all lessons in several processes and writes their list."""

from __future__ import annotations

import collections
import contextlib
import functools
import json
from pathlib import Path
from typing import Any

from pipelines import console
from pipelines.data import worker_pool
from pipelines.errors import UserError
from pipelines.numba_cache import compile_ahead
from tools.rendering import records
from tools.rendering.transcription.plan import Lesson
from tools.rendering.transcription.rendering import Outcome, render

LIST = "lessons.json"


def render_all(lessons: list[Lesson], out: Path, jobs: int) -> list[dict[str, Any]]:
    """Renders lessons; one that fails its check is named and left out.

    Args:
        lessons: what is wanted.
        out: their folder; what an earlier plan put there and this one does not is removed.
        jobs: processes.

    Returns:
        The rows of the list, which is written.

    Raises:
        UserError: if no lesson passed.
        OSError: if a file cannot be written, for instance because the disk is full.
    """
    outcomes = _outcomes(lessons, out, jobs)
    for outcome in outcomes:
        if outcome.row is None:
            console.say(f"left out: {outcome.problem}")
    rows = [{k: v for k, v in o.row.items() if k != "bytes"} for o in outcomes if o.row is not None]
    if not rows:
        raise UserError(f"no lesson passed its check; the first problem: {outcomes[0].problem}")
    records.remove_others(out, {row["audio"] for row in rows})
    records.write(out / LIST, (json.dumps(rows, indent=1, ensure_ascii=False) + "\n").encode())
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """Lines that count lessons and minutes by split, kind and SoundFont."""
    lines = [f"{'':<26} lessons     min  least chroma to score"]
    for what in ("split", "kind", "soundfont"):
        groups = collections.defaultdict(list)
        for row in rows:
            groups[row[what]].append(row)
        for name, group in sorted(groups.items()):
            minutes = sum(row["seconds"] for row in group) / 60
            worst = min(row["chroma_to_score"] for row in group)
            lines.append(f"{what + ' ' + name:<26} {len(group):>7} {minutes:>7.1f}  {worst:.3f}")
    return "\n".join(lines)


def _outcomes(lessons: list[Lesson], out: Path, jobs: int) -> list[Outcome]:
    """In the lessons' order."""
    done = {}
    compile_ahead()
    with contextlib.closing(worker_pool.run(functools.partial(render, out=out), lessons, jobs)) as results:
        for lesson, result in console.progress(results, "render", total=len(lessons), unit="lesson"):
            done[lesson.name] = _outcome(lesson, result)
    return [done[lesson.name] for lesson in lessons]


def _outcome(lesson: Lesson, result: Outcome | BaseException) -> Outcome:
    if isinstance(result, OSError):
        raise result
    if isinstance(result, BaseException):
        return Outcome(lesson, None, f"{lesson.name} could not be rendered ({result!r})")
    return result
