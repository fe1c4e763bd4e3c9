"""Plan of the benchmark: excerpt, ensemble, tempo and files of every recording."""

from __future__ import annotations

import dataclasses
import itertools
import random
from collections.abc import Iterable, Iterator, Sequence

from tools.rendering import scores
from tools.rendering.held_out import demo_truth
from tools.rendering.paired import drums
from tools.rendering.paired.ensembles import BANDS, GENERIC, Ensemble
from tools.rendering.paired.splits import Excerpt, draw_excerpts
from tools.rendering.repertoire import Work
from tools.rendering.scores import Note, Piece

TRAINING = ("content", "bands", "judge")
"""Splits that models are trained on: translators and the vocoder on the first two, the timbre embedding on
the last."""

LEAD = 0.2
"""Seconds before the first note."""


@dataclasses.dataclass(frozen=True)
class Size:
    """Size of the benchmark: numbers of recordings and pieces by split.

    Attributes:
        content: number of training songs of generic instruments.
        band: number of training songs of each band.
        test: number of test pieces, each by a generic ensemble and by every band.
        metric: number of pieces for the training of metrics, each by every band and by several generic
            ensembles; the development pairs are taken from them.
        metric_ensembles: number of those generic ensembles.
        melody: number of test pieces whose highest voice is also rendered alone.
    """

    content: int
    band: int
    test: int
    metric: int
    metric_ensembles: int
    melody: int


SIZES = {"small": Size(48, 30, 22, 8, 6, 8), "full": Size(80, 48, 44, 16, 12, 16)}
"""Size by name; small is two hours and a half of audio, full twice that, the most that the corpus allows."""


@dataclasses.dataclass(frozen=True)
class Recording:
    """Planned recording.

    Attributes:
        path: path below the benchmark's folder.
        split: content, bands, test, takes, melody or judge (for the training of metrics).
        ensemble: instruments.
        work: work that the piece is taken from.
        piece: excerpt.
        tempo: quarter notes per minute.
        seed: seed of the performance.
        copies: paths of further copies of the file.
        midi: path of a MIDI file of the performance; empty for none.
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
        """Notes of the performance, in seconds; they do not depend on the ensemble."""
        return scores.perform(self.piece, tempo=self.tempo, lead=LEAD, seed=f"{self.seed} {self.piece.name}")

    def drums(self) -> list[Note]:
        """Notes of the drums, in seconds; none if the ensemble has no drums."""
        if self.ensemble.kit is None:
            return []
        return drums.accompany(
            self.piece, tempo=self.tempo, lead=LEAD, seed=f"{self.seed} drums {self.piece.name}"
        )


def plan(works: Sequence[Work], size: Size, seed: int = 0) -> list[Recording]:
    """Plan of the benchmark, without training songs whose tune is one of the demo's test pairs.

    They are left out of the plan of `plan_all`, in which nothing else changes, so there may be fewer than the
    size says.

    Args:
        works: as of `plan_all`.
        size: as of `plan_all`.
        seed: as of `plan_all`.

    Returns:
        As `plan_all`.

    Raises:
        UserError: if there are too few tunes.
    """
    excluded = demo_truth(works)
    return [
        recording
        for recording in plan_all(works, size, seed)
        if recording.split not in TRAINING
        or not (excluded.contains(recording.work.piece) or excluded.contains(recording.piece))
    ]


def plan_all(works: Sequence[Work], size: Size, seed: int = 0) -> list[Recording]:
    """Plan of the benchmark with all songs.

    Args:
        works: works to choose from, see `repertoire.works`.
        size: numbers of recordings.
        seed: seed of the plan and of the performances.

    Returns:
        Training recordings first, then the test with its second takes, its melodies, and the recordings for
        metrics.

    Raises:
        UserError: if there are too few tunes.
    """
    name = f"coverband benchmark {seed}"
    rng = random.Random(name)
    counts = {"test": size.test, "judge": size.metric, "content": size.content}
    drawn = draw_excerpts(works, counts | dict.fromkeys(BANDS, size.band), rng)
    generic = itertools.cycle(rng.sample(sorted(GENERIC.values(), key=lambda e: e.name), len(GENERIC)))
    recordings = [_recording("content", "content", next(generic), each, name) for each in drawn["content"]]
    for band in BANDS.values():
        recordings += [
            _recording("bands", f"bands/{band.name}", band, each, name) for each in drawn[band.name]
        ]
    tests = [(excerpt, next(generic)) for excerpt in drawn["test"]]
    for excerpt, source in tests:
        recordings += _pairs("test", excerpt, source, BANDS.values(), name)
        recordings += _second_takes(excerpt, name)
    for excerpt, source in tests[: size.melody]:
        recordings += _melodies(excerpt, source, name)
    ensembles = list(itertools.islice(generic, size.metric_ensembles))
    for number, excerpt in enumerate(drawn["judge"]):
        recordings += _for_metrics(excerpt, ensembles, number, name)
    return recordings


def _melodies(excerpt: Excerpt, source: Ensemble, seed: str) -> Iterator[Recording]:
    """Pairs of the highest voice, without drums."""
    notes = tuple(note for note in excerpt.piece.notes if note.voice == 0)
    melody = dataclasses.replace(excerpt, piece=dataclasses.replace(excerpt.piece, notes=notes))
    bands = [dataclasses.replace(band, kit=None) for band in BANDS.values()]
    yield from _pairs("melody", melody, source, bands, seed)


def _pairs(
    split: str, excerpt: Excerpt, source: Ensemble, bands: Iterable[Ensemble], seed: str
) -> Iterator[Recording]:
    """Recording by the source ensemble, with a copy for every band, and recordings by the bands."""
    first, *others = _source_paths(split, excerpt)
    yield Recording(first, split, source, *_fields(excerpt), seed, tuple(others))
    for band in bands:
        stem = f"{split}/{band.name}/{excerpt.piece.name}"
        yield Recording(f"{stem}.band.ogg", split, band, *_fields(excerpt), seed, midi=f"{stem}.notes.mid")


def _second_takes(excerpt: Excerpt, seed: str) -> Iterator[Recording]:
    """Second takes of a test piece by the bands, with other velocities, timings and strokes of the drums."""
    for band in BANDS.values():
        path = f"takes/{band.name}/{excerpt.piece.name}.band.ogg"
        yield Recording(path, "takes", band, *_fields(excerpt), f"{seed} second take")


def _for_metrics(
    excerpt: Excerpt, ensembles: Sequence[Ensemble], number: int, seed: str
) -> Iterator[Recording]:
    """Recordings by all bands and ensembles; those of one ensemble and of the bands are development pairs."""
    for band in BANDS.values():
        recording = _recording("judge", f"judge/{band.name}", band, excerpt, seed)
        yield dataclasses.replace(recording, copies=(f"dev/{band.name}/{excerpt.piece.name}.band.ogg",))
    for index, ensemble in enumerate(ensembles):
        recording = _recording("judge", "judge/content", ensemble, excerpt, seed)
        is_source = index == number % len(ensembles)
        yield dataclasses.replace(recording, copies=tuple(_source_paths("dev", excerpt)) if is_source else ())


def _source_paths(split: str, excerpt: Excerpt) -> list[str]:
    """Paths of the source recording of a pair: a copy beside the recording of every band."""
    return [f"{split}/{band}/{excerpt.piece.name}.source.ogg" for band in BANDS]


def _recording(split: str, folder: str, ensemble: Ensemble, excerpt: Excerpt, seed: str) -> Recording:
    path = f"{folder}/{excerpt.piece.name}-{ensemble.name}.ogg"
    return Recording(path, split, ensemble, *_fields(excerpt), seed)


def _fields(excerpt: Excerpt) -> tuple[Work, Piece, float]:
    return excerpt.work, excerpt.piece, excerpt.tempo
