"""Repertoire of the benchmark: four-part chorales and string quartets from music21's corpus.

All the composers have been dead for more than 150 years. A rendering takes the notes, not the edition.
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

from pipelines import console
from pipelines.data import worker_pool
from tools.rendering import scores
from tools.rendering.scores import VOICES, Note, Piece, require_music21

LICENCE = (
    "{composer}, public domain; encoded for music21's corpus; sounds of FluidR3_GM, Frank Wen, MIT licence"
)

_COMPOSERS = {
    "bach": "Johann Sebastian Bach (1685-1750)",
    "haydn": "Joseph Haydn (1732-1809)",
    "mozart": "Wolfgang Amadeus Mozart (1756-1791)",
    "beethoven": "Ludwig van Beethoven (1770-1827)",
}
KINDS = {"chorale": ("bach",), "quartet": ("haydn", "mozart", "beethoven")}
"""Kinds of pieces and the composers' folders in the corpus."""

_RANGE = (33, 96)
_SILENCE, _SOUNDING = 2.0, 2.5
_INSTANT = 1e-3


@dataclasses.dataclass(frozen=True)
class Work:
    """A piece and what it is.

    Attributes:
        kind: a key of KINDS.
        composer: with the dates.
        piece: the whole score.
    """

    kind: str
    composer: str
    piece: Piece

    @property
    def licence(self) -> str:
        """For the catalogue."""
        return LICENCE.format(composer=self.composer)


def works(cache: Path, jobs: int) -> list[Work]:
    """Every work of the kinds that has four voices.

    Args:
        cache: folder in which scores are kept in a form that is read fast.
        jobs: scores that are read at a time.

    Raises:
        UserError: if music21 is not installed.
    """
    paths = list(_paths())
    cache.mkdir(parents=True, exist_ok=True)
    found = {}
    with contextlib.closing(worker_pool.run(functools.partial(_cached, cache), paths, jobs)) as results:
        for path, work in console.progress(results, "read scores", total=len(paths), unit="score"):
            if isinstance(work, BaseException):
                raise work
            found[path] = work
    return [work for path in paths if (work := found[path]) is not None]


def excerpts(piece: Piece, quarters: tuple[float, float]) -> Iterator[Piece]:
    """Cuts a piece into excerpts of whole phrases that share no note.

    Args:
        piece: the whole.
        quarters: least and greatest length.

    Yields:
        Pieces that start at 0, named by their place. Empty or hardly polyphonic passages are left out.
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
                # A whole quartet in one file takes a minute to read.
                if folder == "bach" or Path(path).stem.startswith("movement"):
                    yield kind, folder, Path(path)


def _cached(cache: Path, path: tuple[str, str, Path]) -> Work | None:
    """Reads a score, from the cache if it is there."""
    return cached(cache / f"{_name(path[2], path[1])}{path[2].suffix}.json", lambda: _read(*path))


def cached(file: Path, read: Callable[[], Work | None]) -> Work | None:
    """Work stored in a cache file, or else the result of `read`.

    A cache file that is missing or damaged is replaced by the result of `read`, whole or not at all.

    Args:
        file: JSON, in a folder that exists.
        read: reads the work from its source; None if that is no work with the wanted voices.
    """
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        return _from_json(file.read_text())
    work = read()
    new = file.with_name(f".new-{file.name}")
    new.write_text(json.dumps(work and dataclasses.asdict(work)))
    new.replace(file)
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
    """As bwv253 or mozart-k458-movement1."""
    parts = path.with_suffix("").parts
    return parts[-1] if folder == "bach" else "-".join(parts[len(parts) - parts[::-1].index(folder) - 1 :])


def _title(stem: str) -> str:
    """From music21's list of chorales; empty if it is not there."""
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
    """Start times of bars in quarter notes; of an incomplete bar, the one that a complete bar would have."""
    return [float(bar.offset - bar.paddingLeft) for bar in part.getElementsByClass("Measure")]


def _phrases(piece: Piece) -> list[float]:
    """Ends of phrases: fermatas, or where all voices stop at a bar, at which no note sounds on."""
    notes, last = sorted(piece.notes, key=lambda note: note.start), piece.quarters
    starts = [note.start for note in notes]
    # Of the notes up to each, the latest end.
    ends = [0.0, *itertools.accumulate((note.end for note in notes), max)]
    wanted = sorted({*(piece.phrases or piece.bars), last})
    return [
        time
        for time in wanted
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
    """True if a piece is polyphonic, without long silence and in every instrument's range.

    It sounds in all voices; silence at its start counts, too.
    """
    notes: Sequence[Note] = sorted(piece.notes, key=lambda note: note.start)
    if not notes or not _RANGE[0] <= min(n.pitch for n in notes) <= max(n.pitch for n in notes) <= _RANGE[1]:
        return False
    sounding, silence = 0.0, notes[0].start
    for note in notes:
        silence = max(silence, note.start - sounding)
        sounding = max(sounding, note.end)
    density = sum(note.length for note in notes) / piece.quarters
    return silence <= _SILENCE and density >= _SOUNDING and {n.voice for n in notes} == set(range(VOICES))
