"""Works of up to six voices, parsed by music21 in several processes and cached."""

from __future__ import annotations

import contextlib
import functools
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.rendering import repertoire, scores
from tools.rendering.render_pool import map_ordered
from tools.rendering.repertoire import Work
from tools.rendering.scores import Piece, require_music21
from tools.rendering.transcription.sources import Source

VOICES = 6
"""Largest number of voices."""

_SECONDS = 30.0
"""Limit of the processor time per score; some have hundreds of pages."""
_LEAST_NOTES = 12


class _TimeLimitExceeded(Exception):
    """Parsing of a score exceeded the time limit."""


def works(cache: Path, sources: list[Source], jobs: int) -> list[Work]:
    """Works that can be read, in the order of their sources.

    Args:
        cache: folder of cached scores.
        sources: scores to read.
        jobs: number of processes.
    """
    cache.mkdir(parents=True, exist_ok=True)
    task = functools.partial(_cached, cache)
    results = map_ordered(task, sources, jobs, title="read scores", unit="score")
    return [work for work in results if isinstance(work, Work)]


def _cached(cache: Path, source: Source) -> Work | None:
    return repertoire.cached(cache / f"{source.name}.json", functools.partial(read, source))


def read(source: Source) -> Work | None:
    """Work of a score; None if it is unreadable, too long, or has too few notes or too many voices."""
    try:
        with _time_limit(_SECONDS):
            piece = _piece(source, _parsed(source))
    # music21 raises arbitrary exceptions for damaged scores, which are skipped.
    except Exception:
        return None
    return Work(source.kind, source.composer, piece) if piece else None


def _parsed(source: Source) -> Any:
    music21 = require_music21()
    options = {} if source.number is None else {"number": source.number}
    score = music21.converter.parse(source.path, **options)
    return score.mergeScores() if isinstance(score, music21.stream.Opus) else score


def _piece(source: Source, score: Any) -> Piece | None:
    parts = [list(scores.notes_of(part, 0)) for part in score.parts]
    voices = [notes for notes in parts if notes]
    notes = [
        scores.Note(note.start, note.length, note.pitch, voice)
        for voice, line in enumerate(voices)
        for note in line
    ]
    if len(voices) > VOICES or len(notes) < _LEAST_NOTES:
        return None
    title = str(score.metadata.title or "") if source.number is not None and score.metadata else ""
    return Piece(source.name, title, scores.from_zero(notes))


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Limits the processor time, not the wall time, so that the result does not depend on other load.

    Raises:
        _TimeLimitExceeded: when the limit is reached.
    """

    def stop(*_: object) -> None:
        raise _TimeLimitExceeded

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
