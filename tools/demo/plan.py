"""Plan of the demo corpus: chorale, instruments, tempo and file of every recording.

Both domains consist of chorales with equal distributions of tempo and length: otherwise a discriminator could
distinguish the domains by other features than the sound.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterable, Iterator

from pipelines.errors import UserError
from tools.rendering import scores
from tools.rendering.midi import Sound

SOLOISTS = {
    "piano": 0,
    "electric_piano": 4,
    "harpsichord": 6,
    "vibraphone": 11,
    "nylon_guitar": 24,
    "steel_guitar": 25,
    "harp": 46,
}
"""General MIDI programs of the solo instruments of generic songs; each plays all four voices."""

BAND = (
    Sound(29, pan=40, volume=84),  # overdriven guitar
    Sound(18, pan=88, volume=84),  # rock organ
    Sound(61, pan=76, volume=92),  # brass section
    Sound(34, pan=64, volume=110),  # picked bass
)
"""Rock quartet, sustained and bright, whereas every soloist is plucked or struck."""

LEAD = 0.2
"""Seconds before the first note."""

TRUTH = {"bwv336": ("piano", 69.0), "bwv356": ("steel_guitar", 102.0), "bwv436": ("vibraphone", 96.0)}
"""Pieces of the test pairs, with the soloist of the source and the tempo.

Their tunes are in the training data of none of the shipped weights (docs/evaluation.md).
"""

UNUSED = ("bwv330", "bwv364", "bwv375")
"""Pieces of earlier test pairs, whose tunes the shipped vocoder was trained on."""

_SOLO_PANS = (78, 68, 60, 50)  # of the four voices: the bass is on the left
_SONGS_PER_SOLOIST = 3
_TEMPO = (63.0, 92.0)
_SECONDS = (25.0, 34.0)
_SEED = "coverband demo"


@dataclasses.dataclass(frozen=True)
class Recording:
    """Planned recording of the corpus.

    Attributes:
        path: path below the folder of the corpus.
        split: content, band or truth.
        instrument: a key of SOLOISTS, or band.
        piece: score.
        tempo: quarter notes per minute.
    """

    path: str
    split: str
    instrument: str
    piece: scores.Piece
    tempo: float

    @property
    def sounds(self) -> tuple[Sound, ...]:
        """Instruments of the four voices."""
        if self.instrument == "band":
            return BAND
        return tuple(Sound(SOLOISTS[self.instrument], pan) for pan in _SOLO_PANS)

    def notes(self) -> list[scores.Note]:
        """Notes of the performance, in seconds; they do not depend on the instrument: pairs are aligned."""
        return scores.perform(self.piece, tempo=self.tempo, lead=LEAD, seed=f"{_SEED} {self.piece.name}")


def plan(pieces: Iterable[scores.Piece]) -> list[Recording]:
    """Plan of the corpus, with disjoint sets of tunes, and equal distributions of tempo and length.

    Args:
        pieces: pieces to choose from, see `scores.chorales`.

    Returns:
        The test pairs first (source, band), then the songs of both domains.

    Raises:
        UserError: if there are too few pieces, or one of TRUTH or UNUSED is missing.
    """
    pieces, rng = list(pieces), random.Random(_SEED)
    named = {piece.name: piece for piece in pieces}
    if missing := {*TRUTH, *UNUSED} - named.keys():
        raise UserError(f"{min(missing)} is missing: reinstall music21 with its corpus")
    chosen = _choose(pieces, [named[name] for name in (*TRUTH, *UNUSED)], rng)
    recordings = [
        each for name, (soloist, tempo) in TRUTH.items() for each in _pair(soloist, named[name], tempo)
    ]
    for soloist in sorted(SOLOISTS) * _SONGS_PER_SOLOIST:
        recordings += [
            _recording("content", soloist, *next(chosen)),
            _recording("band", "band", *next(chosen)),
        ]
    return recordings


def _choose(
    pieces: list[scores.Piece], used: list[scores.Piece], rng: random.Random
) -> Iterator[tuple[scores.Piece, float]]:
    """Pieces of suitable length, and their tempi; their tunes differ, also from those of used pieces."""
    rng.shuffle(pieces)
    for piece in pieces:
        tempo = round(piece.quarters * 60 / rng.uniform(*_SECONDS), 1)
        fits = _TEMPO[0] <= tempo <= _TEMPO[1]
        if fits and not any(scores.same_tune(piece, other) for other in used):
            used.append(piece)
            yield piece, tempo
    raise UserError("there are too few chorales for the demo: reinstall music21 with its corpus")


def _pair(soloist: str, piece: scores.Piece, tempo: float) -> list[Recording]:
    return [
        Recording(f"truth/{piece.name}.source.ogg", "truth", soloist, piece, tempo),
        Recording(f"truth/{piece.name}.band.ogg", "truth", "band", piece, tempo),
    ]


def _recording(split: str, instrument: str, piece: scores.Piece, tempo: float) -> Recording:
    return Recording(f"{split}/{piece.name}-{instrument}.ogg", split, instrument, piece, tempo)
