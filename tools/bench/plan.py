"""What the benchmark holds: who plays which excerpt, how fast, into which file.

Every tune is dealt to one domain only. Each domain gets its share of every kind of piece, and tempi and
lengths are drawn alike, so that nothing but the sound tells one domain from another.
"""

from __future__ import annotations

import dataclasses
import itertools
import random
from collections.abc import Iterator, Sequence

from pipelines.errors import UserError
from tools import scores
from tools.bench import drums
from tools.bench.ensembles import BANDS, GENERIC, Ensemble
from tools.bench.repertoire import KINDS, Work, excerpts
from tools.scores import Note, Piece

LEAD = 0.2
"""Seconds before the first note."""

_TEMPO = (63.0, 92.0)
_SECONDS = {"song": (25.0, 34.0), "test": (16.5, 24.0), "judge": (11.5, 18.0)}
_CHORALES = 0.75
_MOST_OF_A_TUNE = 12
# What is measured on them treats their pieces as independent.
_ONCE = ("test", "judge")


@dataclasses.dataclass(frozen=True)
class Size:
    """How much is rendered.

    Attributes:
        content: training songs of generic instruments.
        band: training songs of each band.
        test: pieces, each by a generic ensemble and by every band.
        judge: pieces, each by every band and by several generic ensembles.
        judges: those generic ensembles' number.
    """

    content: int
    band: int
    test: int
    judge: int
    judges: int


SIZES = {"small": Size(48, 30, 22, 8, 6), "full": Size(80, 48, 44, 16, 12)}
"""By name; small is two hours and a half of sound, full twice that: all that the tunes give."""


@dataclasses.dataclass(frozen=True)
class Song:
    """One file of the benchmark.

    Attributes:
        path: below the benchmark's folder.
        split: content, bands, test or judge.
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


@dataclasses.dataclass(frozen=True)
class _Take:
    work: Work
    piece: Piece
    tempo: float


def plan(works: Sequence[Work], size: Size, seed: int = 0) -> list[Song]:
    """Deals the works out.

    Args:
        works: enough of them, see `repertoire.works`.
        size: how much is wanted.
        seed: the same seed gives the same plan.

    Returns:
        Songs to train on first, then the test, then the judge's.

    Raises:
        UserError: if there are too few tunes.
    """
    name = f"coverband benchmark {seed}"
    chance = random.Random(name)
    takes = _deal(works, size, chance)
    generic = itertools.cycle(chance.sample(sorted(GENERIC.values(), key=lambda e: e.name), len(GENERIC)))
    songs = [_song("content", "content", next(generic), take, name) for take in takes["content"]]
    for band in BANDS.values():
        songs += [_song("bands", f"bands/{band.name}", band, take, name) for take in takes[band.name]]
    songs += [song for take in takes["test"] for song in _test(take, next(generic), name)]
    judges = [*BANDS.values(), *itertools.islice(generic, size.judges)]
    songs += [_judge(take, ensemble, name) for take in takes["judge"] for ensemble in judges]
    return songs


def _test(take: _Take, source: Ensemble, seed: str) -> Iterator[Song]:
    """The source, which all bands share, and the piece by every band."""
    sources = [f"test/{band}/{take.piece.name}.source.ogg" for band in BANDS]
    yield Song(sources[0], "test", source, *_fields(take), seed, tuple(sources[1:]))
    for band in BANDS.values():
        stem = f"test/{band.name}/{take.piece.name}"
        yield Song(f"{stem}.band.ogg", "test", band, *_fields(take), seed, midi=f"{stem}.notes.mid")


def _judge(take: _Take, ensemble: Ensemble, seed: str) -> Song:
    folder = ensemble.name if ensemble.name in BANDS else "content"
    return _song("judge", f"judge/{folder}", ensemble, take, seed)


def _song(split: str, folder: str, ensemble: Ensemble, take: _Take, seed: str) -> Song:
    path = f"{folder}/{take.piece.name}-{ensemble.name}.ogg"
    return Song(path, split, ensemble, *_fields(take), seed)


def _fields(take: _Take) -> tuple[Work, Piece, float]:
    return take.work, take.piece, take.tempo


def _deal(works: Sequence[Work], size: Size, chance: random.Random) -> dict[str, list[_Take]]:
    """The pieces of every domain, of each kind its share."""
    wanted = {"test": size.test, "judge": size.judge, "content": size.content}
    wanted |= dict.fromkeys(BANDS, size.band)
    dealt: dict[str, list[_Take]] = {domain: [] for domain in wanted}
    for kind in KINDS:
        tunes = _tunes([work for work in works if work.kind == kind])
        chance.shuffle(tunes)
        shares = {domain: _share(kind, number) for domain, number in wanted.items()}
        for domain, takes in _fill(tunes, shares, chance.random()).items():
            dealt[domain] += takes
    return dealt


def _share(kind: str, number: int) -> int:
    chorales = round(number * _CHORALES)
    return chorales if kind == "chorale" else number - chorales


def _fill(tunes: Sequence[Sequence[Work]], shares: dict[str, int], seed: float) -> dict[str, list[_Take]]:
    """Takes one excerpt of a tune at most, or two, or three, ..., whichever first is enough for all.

    Raises:
        UserError: if nothing is enough.
    """
    for most in range(1, _MOST_OF_A_TUNE + 1):
        chance = random.Random(seed)
        taken: dict[str, list[_Take]] = {domain: [] for domain in shares}
        for tune in tunes:
            open_ = [domain for domain, share in shares.items() if len(taken[domain]) < share]
            if not open_:
                return taken
            # Whoever has least of its share chooses next, so that all draw from the same tunes.
            domain = min(open_, key=lambda name: len(taken[name]) / shares[name])
            left = min(1 if domain in _ONCE else most, shares[domain] - len(taken[domain]))
            taken[domain] += itertools.islice(_takes(tune, domain, chance), left)
        if all(len(taken[domain]) == share for domain, share in shares.items()):
            return taken
    raise UserError("music21's corpus has too few tunes for this size: reinstall it, or take a smaller size")


def _takes(tune: Sequence[Work], domain: str, chance: random.Random) -> Iterator[_Take]:
    shortest, longest = _SECONDS.get(domain, _SECONDS["song"])
    for work in tune:
        tempo = round(chance.uniform(*_TEMPO), 1)
        for piece in excerpts(work.piece, (shortest * tempo / 60, longest * tempo / 60)):
            yield _Take(work, piece, tempo)


def _tunes(works: Sequence[Work]) -> list[list[Work]]:
    """Groups of works that share a tune, in the works' order.

    A work that resembles two groups is left out: it would join them, and chains would tie most chorales
    together.
    """
    groups: list[list[tuple[scores.Tune, Work]]] = []
    for work in works:
        tune = scores.tune(work.piece)
        same = [group for group in groups if any(tune.resembles(other) for other, _ in group)]
        if not same:
            groups.append([(tune, work)])
        elif len(same) == 1:
            same[0].append((tune, work))
    return [[work for _, work in group] for group in groups]
