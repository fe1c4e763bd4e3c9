"""Plan of the benchmark: the excerpt, the ensemble, the tempo and the file of every song."""

from __future__ import annotations

import dataclasses
import itertools
import random
from collections.abc import Iterable, Iterator, Sequence

from tools.rendering import scores
from tools.rendering.paired import drums
from tools.rendering.paired.ensembles import BANDS, GENERIC, Ensemble
from tools.rendering.paired.splits import Take, deal
from tools.rendering.repertoire import Work
from tools.rendering.scores import Note, Piece

LEAD = 0.2
"""Seconds before the first note."""


@dataclasses.dataclass(frozen=True)
class Size:
    """Size of the benchmark: numbers of songs and pieces by split.

    Attributes:
        content: number of training songs of generic instruments.
        band: number of training songs of each band.
        test: number of test pieces, each by a generic ensemble and by every band.
        judge: number of pieces, each by every band and by several generic ensembles; development
            pairs are taken from them.
        judges: number of those generic ensembles.
        melody: number of test pieces whose highest voice is also rendered alone.
    """

    content: int
    band: int
    test: int
    judge: int
    judges: int
    melody: int


SIZES = {"small": Size(48, 30, 22, 8, 6, 8), "full": Size(80, 48, 44, 16, 12, 16)}
"""By name; small is two hours and a half of sound, full twice that: all that the tunes give."""


@dataclasses.dataclass(frozen=True)
class Song:
    """One file of the benchmark.

    Attributes:
        path: below the benchmark's folder.
        split: content, bands, test, melody or judge.
        ensemble: who plays.
        work: the piece's origin.
        piece: the excerpt.
        tempo: quarter notes a minute.
        seed: of the performance.
        copies: other paths at which the same file is wanted.
        midi: where the performance itself is wanted, if anywhere.
    """

    path: str
    split: str
    ensemble: Ensemble
    work: Work
    piece: Piece
    tempo: float
    seed: str
    copies: tuple[str, ...] = ()
    midi: str = ""

    def notes(self) -> list[Note]:
        """The performance, in seconds; it does not depend on who plays."""
        return scores.perform(self.piece, tempo=self.tempo, lead=LEAD, seed=f"{self.seed} {self.piece.name}")

    def drums(self) -> list[Note]:
        """Strokes of the drums, if the ensemble has any."""
        if self.ensemble.kit is None:
            return []
        return drums.play(
            self.piece, tempo=self.tempo, lead=LEAD, seed=f"{self.seed} drums {self.piece.name}"
        )


def plan(works: Sequence[Work], size: Size, seed: int = 0) -> list[Song]:
    """Deals the works out.

    Args:
        works: enough of them, see `repertoire.works`.
        size: how much is wanted.
        seed: the same seed gives the same plan.

    Returns:
        Songs to train on first, then the test, its melodies, then the judge's.

    Raises:
        UserError: if there are too few tunes.
    """
    name = f"python -m tools benchmark {seed}"
    chance = random.Random(name)
    wanted = {"test": size.test, "judge": size.judge, "content": size.content}
    takes = deal(works, wanted | dict.fromkeys(BANDS, size.band), chance)
    generic = itertools.cycle(chance.sample(sorted(GENERIC.values(), key=lambda e: e.name), len(GENERIC)))
    songs = [_song("content", "content", next(generic), take, name) for take in takes["content"]]
    for band in BANDS.values():
        songs += [_song("bands", f"bands/{band.name}", band, take, name) for take in takes[band.name]]
    tests = [(take, next(generic)) for take in takes["test"]]
    songs += [song for take, source in tests for song in _test(take, source, name)]
    songs += [song for take, source in tests[: size.melody] for song in _melody(take, source, name)]
    judges = list(itertools.islice(generic, size.judges))
    return songs + [song for n, take in enumerate(takes["judge"]) for song in _judge(take, judges, n, name)]


def _test(take: Take, source: Ensemble, seed: str) -> Iterator[Song]:
    """The source, which all bands share, and the piece by every band."""
    yield from _pairs("test", take, source, BANDS.values(), seed)


def _melody(take: Take, source: Ensemble, seed: str) -> Iterator[Song]:
    """The same of the highest voice alone, without drums."""
    piece = dataclasses.replace(take.piece, notes=tuple(note for note in take.piece.notes if note.voice == 0))
    bands = [dataclasses.replace(band, kit=None) for band in BANDS.values()]
    yield from _pairs("melody", dataclasses.replace(take, piece=piece), source, bands, seed)


def _pairs(split: str, take: Take, source: Ensemble, bands: Iterable[Ensemble], seed: str) -> Iterator[Song]:
    first, *others = _sources(split, take)
    yield Song(first, split, source, *_fields(take), seed, tuple(others))
    for band in bands:
        stem = f"{split}/{band.name}/{take.piece.name}"
        yield Song(f"{stem}.band.ogg", split, band, *_fields(take), seed, midi=f"{stem}.notes.mid")


def _judge(take: Take, judges: Sequence[Ensemble], source: int, seed: str) -> Iterator[Song]:
    """The piece by every band and by the judges; one of these and each band are a pair to develop with."""
    for band in BANDS.values():
        song = _song("judge", f"judge/{band.name}", band, take, seed)
        yield dataclasses.replace(song, copies=(f"dev/{band.name}/{take.piece.name}.band.ogg",))
    for n, judge in enumerate(judges):
        song = _song("judge", "judge/content", judge, take, seed)
        is_source = n == source % len(judges)
        yield dataclasses.replace(song, copies=tuple(_sources("dev", take)) if is_source else ())


def _sources(split: str, take: Take) -> list[str]:
    """Paths of a pair's source recording: the same file beside every band's recording."""
    return [f"{split}/{band}/{take.piece.name}.source.ogg" for band in BANDS]


def _song(split: str, folder: str, ensemble: Ensemble, take: Take, seed: str) -> Song:
    path = f"{folder}/{take.piece.name}-{ensemble.name}.ogg"
    return Song(path, split, ensemble, *_fields(take), seed)


def _fields(take: Take) -> tuple[Work, Piece, float]:
    return take.work, take.piece, take.tempo
