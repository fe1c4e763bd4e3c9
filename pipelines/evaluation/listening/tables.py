"""Tables of a listening test's result: plain text, Markdown and JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

from pipelines.evaluation.listening.questions import QUESTIONS, REGIONS
from pipelines.evaluation.listening.screening import RULE
from pipelines.evaluation.listening.summary import INTERVAL, ListeningResult
from pipelines.evaluation.results import Estimate
from pipelines.evaluation.tables import pipe_table, table_line

MARKDOWN_FILE, JSON_FILE = "listening.md", "listening.json"
"""Names of the files."""

_BALANCE = "harmonic mean"
_MISSING = "-"


def terminal(result: ListeningResult) -> str:
    """Table for the terminal, and the notes below it."""
    cells = _cells(result)
    widths = [max(len(line[index]) for line in cells) for index in range(len(cells[0]))]
    lines = [table_line(each, widths) for each in cells]
    return "\n".join([*lines, "", *_notes(result)])


def markdown(result: ListeningResult) -> str:
    """Table and notes in Markdown."""
    notes = "\n".join(f"- {note}" for note in _notes(result))
    return f"# Listening test\n\n{pipe_table(_cells(result))}\n\n{notes}\n"


def write(result: ListeningResult, folder: Path) -> tuple[Path, Path]:
    """Writes Markdown and JSON into a folder that exists; returns the paths."""
    paths = folder / MARKDOWN_FILE, folder / JSON_FILE
    paths[0].write_text(markdown(result), encoding="utf-8", errors="replace")
    paths[1].write_text(json.dumps(dataclasses.asdict(result), indent=2) + "\n", encoding="utf-8")
    return paths


def _cells(result: ListeningResult) -> list[list[str]]:
    header = ["", *(question.title for question in QUESTIONS), _BALANCE, "ratings"]
    rows = [
        [each.method.name, *map(_number, (each.content, each.style, each.balance)), str(each.ratings)]
        for each in result.systems
    ]
    return [header, *rows]


def _number(estimate: Estimate | None) -> str:
    if estimate is None:
        return _MISSING
    if estimate.low is None or estimate.high is None:
        return f"{estimate.mean:.1f}"
    return f"{estimate.mean:.1f} [{estimate.low:.1f}, {estimate.high:.1f}]"


def _notes(result: ListeningResult) -> list[str]:
    """Sentences on participants, scale, intervals and post-screening."""
    people, songs = len(result.participants), result.songs
    single = [noun for noun, number in (("participant", people), ("song", songs)) if number == 1]
    return [
        f"{_count(people, 'participant')} and {_count(songs, 'song')}; ratings from 0 ({REGIONS[0]}) to 100 "
        f"({REGIONS[-1]}).",
        f"Means and 95\N{NO-BREAK SPACE}% intervals over participants and songs: {INTERVAL}.",
        f"{_BALANCE.capitalize()} of both means: a copy of the source and one of a band song are each good "
        "at one question only.",
        *(f"With one {noun}, the intervals do not cover other {noun}s." for noun in single),
        _screening(result),
        *(f"Participant {name} is excluded: {reason}." for name, reason in result.excluded.items()),
    ]


def _screening(result: ListeningResult) -> str:
    if not result.screened:
        return "No post-screening: all participants count."
    titles = _join([f"“{question.title}”" for question in QUESTIONS if question.key in result.screened])
    return f"Post-screening by {titles}: {RULE}."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _join(names: Sequence[str]) -> str:
    return " and ".join(names)
