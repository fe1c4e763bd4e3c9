"""Renders one lesson, checks that it plays its notes, and remembers that it was checked."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from pipelines.errors import UserError
from tools.rendering import midi, records, synth
from tools.rendering.transcription import checking, effects, encoding, soundfonts
from tools.rendering.transcription.plan import Lesson

LUFS = -23.0
"""Loudness of every lesson."""

_SILENT = 1e-3
_VERSION = 1  # Of the effects and codings: what was rendered otherwise is rendered again.
_LICENCE = "{composer}, public domain; encoded for music21's corpus; {sounds}"


@dataclasses.dataclass(frozen=True)
class Outcome:
    """Outcome of rendering a lesson: its row, or the reason why there is none."""

    lesson: Lesson
    row: dict[str, Any] | None
    problem: str = ""


def render(lesson: Lesson, out: Path) -> Outcome:
    """Renders a lesson unless the same one has been rendered and checked before.

    Args:
        lesson: what is wanted.
        out: the lessons' folder.

    Returns:
        The row, or what is wrong with the rendering, which is then not kept.
    """
    score = midi.encode(lesson.notes, lesson.ensemble.sounds, lesson.ensemble.kit)
    key = _key(lesson, score)
    row = records.known(out, lesson.audio, key)
    try:
        if row is None:
            row = _make(lesson, score, out)
            records.remember(out, key, row, [lesson.audio, lesson.score])
        elif not (out / lesson.score).exists():
            records.write(out / lesson.score, score)
    except UserError as error:
        return Outcome(lesson, None, f"{lesson.name} ({_who(lesson)}): {error}")
    return Outcome(lesson, row)


def _key(lesson: Lesson, score: bytes) -> str:
    size = lesson.soundfont.stat().st_size
    facts = f"{_VERSION} {lesson.soundfont.name} {size} {lesson.seconds} {lesson.effects} {lesson.seed}"
    return hashlib.sha256(score + facts.encode()).hexdigest()


def _make(lesson: Lesson, score: bytes, out: Path) -> dict[str, Any]:
    played = synth.render(score, lesson.seconds, lesson.soundfont)
    likeness = _checked(lesson, played)
    samples = effects.apply(played, lesson.effects, lesson.seed)
    path = out / lesson.audio
    new = path.with_name(f".new-{path.name}")
    try:
        encoding.write(new, encoding.levelled(samples, LUFS), lesson.coding)
        decoded = soundfile.read(new, dtype="float32", always_2d=True)[0]
        _require_level(decoded)
        records.write(out / lesson.score, score)
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)
    return {**_facts(lesson), "chroma_to_score": round(likeness, 4), "bytes": path.stat().st_size}


def _checked(lesson: Lesson, played: np.ndarray) -> float:
    """The chroma's similarity to the score's.

    Raises:
        UserError: if the notes are not played, or not when they should be.
    """
    if np.abs(played).max(initial=0) < _SILENT:
        raise UserError("it is silent")
    likeness, transposed = checking.chroma_to_score(played, lesson.notes)
    if likeness < max(checking.CHROMA, transposed + checking.MARGIN):
        raise UserError(
            f"its chroma is {likeness:.3f} alike to its score's, and {transposed:.3f} to that in another key"
        )
    late = checking.lateness(played, lesson.notes)
    most = checking.LATE + lesson.attack
    if not -checking.LATE <= late <= most:
        raise UserError(f"its onsets come {1000 * late:.0f} ms late, more than {1000 * most:.0f}, or early")
    return likeness


def _require_level(decoded: np.ndarray) -> None:
    if np.abs(decoded).max(initial=0) >= 1.0:
        raise UserError("it clips")


def _facts(lesson: Lesson) -> dict[str, Any]:
    return {
        "name": lesson.name,
        "audio": lesson.audio,
        "notes": lesson.score,
        "split": lesson.split,
        "piece": lesson.work.piece.name,
        "kind": lesson.work.kind,
        "composer": lesson.work.composer,
        "soundfont": lesson.soundfont.name,
        "programs": sorted(lesson.ensemble.programs),
        "drums": lesson.ensemble.kit is not None,
        "seconds": round(lesson.seconds, 3),
        "effects": list(lesson.effects),
        "licence": _LICENCE.format(
            composer=lesson.work.composer, sounds=soundfonts.licence(lesson.soundfont)
        ),
    }


def _who(lesson: Lesson) -> str:
    programs = ", ".join(str(program) for program in sorted(lesson.ensemble.programs))
    return f"{lesson.soundfont.name}, program {programs}"
