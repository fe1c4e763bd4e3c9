"""Plan of the demo corpus: the chorale, the instruments, the tempo and the folder of every song.

Only chorales are played, in both domains: were one domain monophonic folk tunes, or slower, or longer,
a discriminator would have other things than the sound to tell the domains apart by.
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
"""Instruments of the generic songs and their General MIDI programs; each plays all four voices."""

BAND = (
    Sound(29, pan=40, volume=84),  # overdriven guitar
    Sound(18, pan=88, volume=84),  # rock organ
    Sound(61, pan=76, volume=92),  # brass section
    Sound(34, pan=64, volume=110),  # picked bass
)
"""The rock quartet: sustained and bright, where every soloist is plucked or struck."""

LEAD = 0.2
"""Seconds before the first note."""

_SOLO_PANS = (78, 68, 60, 50)  # As the strings lie before a player: the bass on the left.
_TRUTH_SOLOISTS = ("piano", "steel_guitar", "vibraphone")
_SONGS_PER_SOLOIST = 3
_TEMPO = (63.0, 92.0)
_SECONDS = (25.0, 34.0)
_SEED = "coverband demo"


@dataclasses.dataclass(frozen=True)
class Song:
    """One file of the corpus.

    Attributes:
        path: below the corpus's folder.
        split: content, band or truth.
        instrument: a key of SOLOISTS, or band.
        piece: what is played.
        tempo: quarter notes a minute.
    """

    path: str
    split: str
    instrument: str
    piece: scores.Piece
    tempo: float

    @property
    def sounds(self) -> tuple[Sound, ...]:
        """Of the four voices."""
        if self.instrument == "band":
            return BAND
        return tuple(Sound(SOLOISTS[self.instrument], pan) for pan in _SOLO_PANS)

    def notes(self) -> list[scores.Note]:
        """The performance; it depends on the piece and the tempo only, so that a pair is aligned."""
        return scores.perform(self.piece, tempo=self.tempo, lead=LEAD, seed=f"{_SEED} {self.piece.name}")


def plan(pieces: Iterable[scores.Piece]) -> list[Song]:
    """Deals pieces out: every tune to one split only, tempi and lengths drawn alike for all.

    Args:
        pieces: enough of them, see `scores.chorales`.

    Returns:
        The pairs of the truth first (source, band), then the songs of the two domains.

    Raises:
        UserError: if too few of the pieces fit.
    """
    chance = random.Random(_SEED)
    chosen = _choose(list(pieces), chance)
    songs = [song for soloist in _TRUTH_SOLOISTS for song in _pair(soloist, *next(chosen))]
    for soloist in sorted(SOLOISTS) * _SONGS_PER_SOLOIST:
        songs += [_song("content", soloist, *next(chosen)), _song("band", "band", *next(chosen))]
    return songs


def _choose(pieces: list[scores.Piece], chance: random.Random) -> Iterator[tuple[scores.Piece, float]]:
    """Yields pieces of fitting length that share no tune, with their tempi."""
    chance.shuffle(pieces)
    taken: list[scores.Piece] = []
    for piece in pieces:
        tempo = round(piece.quarters * 60 / chance.uniform(*_SECONDS), 1)
        fits = _TEMPO[0] <= tempo <= _TEMPO[1]
        if fits and not any(scores.same_tune(piece, other) for other in taken):
            taken.append(piece)
            yield piece, tempo
    raise UserError("there are too few chorales for the demo: reinstall music21 with its corpus")


def _pair(soloist: str, piece: scores.Piece, tempo: float) -> list[Song]:
    return [
        Song(f"truth/{piece.name}.source.ogg", "truth", soloist, piece, tempo),
        Song(f"truth/{piece.name}.band.ogg", "truth", "band", piece, tempo),
    ]


def _song(split: str, instrument: str, piece: scores.Piece, tempo: float) -> Song:
    return Song(f"{split}/{piece.name}-{instrument}.ogg", split, instrument, piece, tempo)
