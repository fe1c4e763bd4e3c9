"""Reads scores of any number of voices, in processes, and keeps them in a form that is read fast."""

from __future__ import annotations

import contextlib
import functools
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipelines import console
from pipelines.data import worker_pool
from tools.rendering import repertoire, scores
from tools.rendering.repertoire import Work
from tools.rendering.scores import Piece, require_music21
from tools.rendering.transcription.sources import Source

VOICES = 6
"""A score of more is left out."""

_SECONDS = 30.0
"""Of computing that a score may take; some are hundreds of pages."""
_NOTES = 12
"""A score of fewer is left out."""


class _TooSlow(Exception):
    """A score takes longer than it may."""


def works(cache: Path, wanted: list[Source], jobs: int) -> list[Work]:
    """The scores that can be read, in the order in which they are wanted.

    Args:
        cache: folder in which scores are kept.
        wanted: what to read.
        jobs: scores that are read at a time.
    """
    cache.mkdir(parents=True, exist_ok=True)
    found: dict[Source, Work] = {}
    task = functools.partial(_cached, cache)
    with contextlib.closing(worker_pool.run(task, wanted, jobs)) as results:
        for source, work in console.progress(results, "read scores", total=len(wanted), unit="score"):
            if isinstance(work, OSError):
                raise work
            if isinstance(work, Work):
                found[source] = work
    return [found[source] for source in wanted if source in found]


def _cached(cache: Path, source: Source) -> Work | None:
    return repertoire.cached(cache / f"{source.name}.json", functools.partial(read, source))


def read(source: Source) -> Work | None:
    """A score's notes, or None if it cannot be read in time, or has too few notes or too many voices."""
    try:
        with _time_limit(_SECONDS):
            piece = _piece(source, _parsed(source))
    # music21 raises whatever comes when a score is damaged, and a lesson less is no harm.
    except Exception:
        return None
    return Work(source.kind, source.composer, piece) if piece else None


def _parsed(source: Source) -> Any:
    music21 = require_music21()
    more = {} if source.number is None else {"number": source.number}
    score = music21.converter.parse(source.path, **more)
    return score.mergeScores() if isinstance(score, music21.stream.Opus) else score


def _piece(source: Source, score: Any) -> Piece | None:
    parts = [list(scores.notes_of(part, 0)) for part in score.parts]
    voices = [notes for notes in parts if notes]
    notes = [
        scores.Note(note.start, note.length, note.pitch, voice)
        for voice, line in enumerate(voices)
        for note in line
    ]
    if len(voices) > VOICES or len(notes) < _NOTES:
        return None
    title = str(score.metadata.title or "") if source.number is not None and score.metadata else ""
    return Piece(source.name, title, scores.from_zero(notes))


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Counts what this process computes, not what it waits, so that a busy machine reads the same scores.

    Raises:
        _TooSlow: when it is over.
    """

    def stop(*_: object) -> None:
        raise _TooSlow

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
