"""Material of a listening test: excerpts of all systems, of the source, the truth and the band."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from pipelines import console
from pipelines.errors import UserError
from pipelines.evaluation.clips import subsample
from pipelines.evaluation.listening import excerpts
from pipelines.evaluation.results import EvaluatedSong, Evaluation, Method

MAX_SOUNDS = 12
"""Largest number of sounds of a trial according to BS.1534; more are possible."""

TRUTH = Method(
    "truth", "truth", "bound", "The band's own recording of the song: the hidden reference of the style."
)

BandSong = Callable[[], np.ndarray]
"""Reads a song of the band, float32 [samples] at the evaluation's rate."""


@dataclasses.dataclass(frozen=True)
class SongExcerpts:
    """Excerpts of one song: float32 [samples] each.

    Attributes:
        song: the song.
        systems: by the key of the system, the truth included.
        source: open reference of the content.
        band: open references of the style.
    """

    song: EvaluatedSong
    systems: dict[str, np.ndarray]
    source: np.ndarray
    band: list[np.ndarray]

    @property
    def all(self) -> list[np.ndarray]:
        """All excerpts."""
        return [*self.systems.values(), self.source, *self.band]


def read_songs(
    evaluation: Evaluation, folder: Path, band: Sequence[BandSong], max_songs: int | None
) -> Iterator[SongExcerpts]:
    """Excerpts of the songs that have at least two sounds, one of them the source itself.

    Songs of the band that only upper bounds play are no songs to compare systems by.

    Args:
        evaluation: the result.
        folder: folder to which its audio paths are relative.
        band: songs of the band, at least one.
        max_songs: see `writer.write_listening_test`.
    """
    songs = [song for song in evaluation.songs if copy_of_source(evaluation, song)]
    chosen = subsample(songs, max_songs)
    for index, song in enumerate(console.progress(chosen, "listening test", unit="song")):
        systems = dict(_systems(evaluation, song, folder))
        source = _read(folder / song.source, evaluation.sample_rate, song)
        if len(systems) > 1 and source is not None:
            references = _band_excerpts(band, index, evaluation.sample_rate, len(source))
            yield SongExcerpts(song, systems, source, references)


def copy_of_source(evaluation: Evaluation, song: EvaluatedSong) -> str:
    """Key of the system that returns the source of a song; empty if there is none."""
    rows = (row.method.key for row in evaluation.rows if row.audio.get(song.name) == song.source)
    return next(rows, "")


def warn_of_many(songs: Sequence[SongExcerpts]) -> None:
    """Prints a warning if trials have more sounds than BS.1534 recommends."""
    most = max(len(each.systems) for each in songs)
    if most > MAX_SOUNDS:
        console.say(
            f"warning: the listening test has {most} sounds in a trial, BS.1534 recommends {MAX_SOUNDS} at "
            "most: evaluate fewer systems"
        )


def _systems(evaluation: Evaluation, song: EvaluatedSong, folder: Path) -> Iterator[tuple[str, np.ndarray]]:
    """Keys of the systems that have a song, the truth included, and their excerpts."""
    paths = {row.method.key: row.audio.get(song.name) for row in evaluation.rows}
    for system, path in {**paths, TRUTH.key: song.truth}.items():
        waveform = _read(folder / path, evaluation.sample_rate, song) if path else None
        if waveform is not None:
            yield system, waveform


def _read(path: Path, sample_rate: int, song: EvaluatedSong) -> np.ndarray | None:
    """Excerpt from the middle of a song; None, with a warning, if it cannot be read."""
    try:
        return excerpts.read_excerpt(path, sample_rate, excerpts.middle(song.seconds))
    except UserError as error:
        console.say(f"warning: {error}: it is not part of the listening test")
        return None


def _band_excerpts(band: Sequence[BandSong], index: int, sample_rate: int, samples: int) -> list[np.ndarray]:
    """Middles of the two songs of an index, or of the only one; at most `samples` each."""
    found = []
    for number in range(2 * index, 2 * index + min(2, len(band))):
        waveform = band[number % len(band)]()
        start = excerpts.middle(len(waveform) / sample_rate)
        found.append(excerpts.cut(waveform, sample_rate, start)[:samples])
    return found
