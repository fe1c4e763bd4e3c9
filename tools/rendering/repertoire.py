"""Repertoire of the benchmark: four-part chorales and string quartets of music21's corpus.

All composers died more than 150 years ago. Renderings use the notes, not the edition.
"""

from __future__ import annotations

import bisect
import contextlib
import dataclasses
import functools
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tools.rendering import records, scores
from tools.rendering.render_pool import map_all
from tools.rendering.scores import VOICES, Note, Piece, require_music21

_COMPOSERS = {
    "bach": "Johann Sebastian Bach (1685-1750)",
    "haydn": "Joseph Haydn (1732-1809)",
    "mozart": "Wolfgang Amadeus Mozart (1756-1791)",
    "beethoven": "Ludwig van Beethoven (1770-1827)",
}
KINDS = {"chorale": ("bach",), "quartet": ("haydn", "mozart", "beethoven")}
"""Folders of composers in the corpus, by kind of work."""

_RANGE = (33, 96)
_SILENCE, _SOUNDING = 2.0, 2.5
_INSTANT = 1e-3


@dataclasses.dataclass(frozen=True)
class Work:
    """Score with its kind and composer.

    Attributes:
        kind: kind of work, see KINDS and `transcription.sources.SHARES`.
        composer: name and dates.
        piece: whole score.
    """

    kind: str
    composer: str
    piece: Piece

    def licence(self, sounds: str) -> str:
        """Licence for the catalogue.

        Args:
            sounds: licence of the sounds, see `soundfonts.licence`.
        """
        return f"{self.composer}, public domain; encoded for music21's corpus; {sounds}"


def works(cache: Path, jobs: int) -> list[Work]:
    """All works of KINDS with four voices.

    Args:
        cache: folder of cached scores.
        jobs: number of processes.

    Raises:
        UserError: if music21 is not installed.
    """
    paths = list(_paths())
    cache.mkdir(parents=True, exist_ok=True)
    task = functools.partial(_cached, cache)
    results = map_all(task, paths, jobs, title="read scores", unit="score")
    return [work for work in results if work is not None]


def excerpts(piece: Piece, quarters: tuple[float, float]) -> Iterator[Piece]:
    """Disjoint excerpts of whole phrases.

    Args:
        piece: whole score.
        quarters: least and greatest length in quarter notes.

    Yields:
        Pieces that start at 0, named by their position. Passages that are hardly polyphonic are skipped.
    """
    ends, start = _phrases(piece), 0.0
    while start < ends[-1]:
        after = [end for end in ends if quarters[0] <= end - start <= quarters[1]]
        if after and _is_full(cut := _cut(piece, start, after[-1])):
            yield cut
            start = after[-1]
        else:
            start = next(end for end in ends if end > start)


def _paths() -> Iterator[tuple[str, str, Path]]:
    corpus = require_music21().corpus
    for kind, folders in KINDS.items():
        for folder in folders:
            for path in sorted(
                {str(path) for path in corpus.getComposer(folder, fileExtensions=["mxl", "xml"])}
            ):
                # Files of whole quartets take a minute to parse: only movements are used.
                if folder == "bach" or Path(path).stem.startswith("movement"):
                    yield kind, folder, Path(path)


def _cached(cache: Path, path: tuple[str, str, Path]) -> Work | None:
    """Score at a path, from the cache if possible."""
    return cached(cache / f"{_name(path[2], path[1])}{path[2].suffix}.json", lambda: _read(*path))


def cached(file: Path, read: Callable[[], Work | None]) -> Work | None:
    """Work of a cache file.

    A missing or damaged cache file is replaced atomically by the result of `read`.

    Args:
        file: JSON file in an existing folder.
        read: reads the work from its source; returns None for a score that is not used.
    """
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        return _from_json(file.read_text())
    work = read()
    records.write(file, json.dumps(work and dataclasses.asdict(work)).encode())
    return work


def _from_json(text: str) -> Work | None:
    if (fields := json.loads(text)) is None:
        return None
    piece = fields.pop("piece")
    piece["notes"] = tuple(Note(**note) for note in piece["notes"])
    lists = {name: tuple(piece[name]) for name in ("phrases", "bars")}
    return Work(piece=Piece(**{**piece, **lists}), **fields)


def _read(kind: str, folder: str, path: Path) -> Work | None:
    music21 = require_music21()
    score = music21.converter.parse(path)
    if len(score.parts) != VOICES:
        return None
    parts = list(score.parts)
    notes = [note for voice, part in enumerate(parts) for note in scores.notes_of(part, voice)]
    if {note.voice for note in notes} != set(range(VOICES)):
        return None
    first, title = min(note.start for note in notes), _title(path.stem) if kind == "chorale" else ""
    piece = Piece(
        _name(path, folder),
        title,
        scores.from_zero(notes),
        tuple(end - first for end in _fermatas(music21, parts[0])),
        tuple(bar - first for bar in _bars(parts[0])),
    )
    return Work(kind, _COMPOSERS[folder], piece)


def _name(path: Path, folder: str) -> str:
    """Name of a work, as bwv253 or mozart-k458-movement1."""
    parts = path.with_suffix("").parts
    return parts[-1] if folder == "bach" else "-".join(parts[len(parts) - parts[::-1].index(folder) - 1 :])


def _title(stem: str) -> str:
    """Title in music21's list of chorales; empty if there is none."""
    number = stem.removeprefix("bwv")
    known = require_music21().corpus.chorales.ChoraleList().byBWV
    return known[int(number)]["title"] if number.isdigit() and int(number) in known else ""


def _fermatas(music21: Any, part: Any) -> list[float]:
    return [
        float(note.offset + note.quarterLength)
        for note in part.flatten().notes
        if any(isinstance(mark, music21.expressions.Fermata) for mark in note.expressions)
    ]


def _bars(part: Any) -> list[float]:
    """Start times of bars in quarter notes; incomplete bars start where a complete one would."""
    return [float(bar.offset - bar.paddingLeft) for bar in part.getElementsByClass("Measure")]


def _phrases(piece: Piece) -> list[float]:
    """Ends of phrases: fermatas, or else bar lines, over which no note is held."""
    notes, last = sorted(piece.notes, key=lambda note: note.start), piece.quarters
    starts = [note.start for note in notes]
    # Latest end of the notes up to each one.
    ends = [0.0, *itertools.accumulate((note.end for note in notes), max)]
    candidates = sorted({*(piece.phrases or piece.bars), last})
    return [
        time
        for time in candidates
        if 0 < time <= last and ends[bisect.bisect_left(starts, time - _INSTANT)] <= time + _INSTANT
    ]


def _cut(piece: Piece, start: float, end: float) -> Piece:
    notes = [
        dataclasses.replace(note, start=note.start - start)
        for note in piece.notes
        if start - _INSTANT <= note.start < end - _INSTANT
    ]
    bars = [bar - start for bar in piece.bars if bar < end]
    before = max(bisect.bisect_right(bars, 0.0) - 1, 0)
    name = piece.name if start == 0 else f"{piece.name}-from{start:g}"
    return Piece(name, piece.title, tuple(notes), bars=tuple(bars[before:]))


def _is_full(piece: Piece) -> bool:
    """True if a piece has notes in all voices, in the range of every instrument, without long silence."""
    notes: Sequence[Note] = sorted(piece.notes, key=lambda note: note.start)
    if not notes or not _RANGE[0] <= min(n.pitch for n in notes) <= max(n.pitch for n in notes) <= _RANGE[1]:
        return False
    sounding, silence = 0.0, notes[0].start
    for note in notes:
        silence = max(silence, note.start - sounding)
        sounding = max(sounding, note.end)
    density = sum(note.length for note in notes) / piece.quarters
    return silence <= _SILENCE and density >= _SOUNDING and {n.voice for n in notes} == set(range(VOICES))
