"""Survey of two folders of songs: measures every song and returns a dataset report."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from pipelines import console
from pipelines.audio.song_files import SongFiles
from pipelines.data import domain_folders, skipped_songs, worker_pool
from pipelines.data.schema import DOMAINS, Skipped
from pipelines.data.survey import cache as song_cache
from pipelines.data.survey import duplicates, measurement
from pipelines.data.survey.song_facts import SongFacts, SongMeasurements
from pipelines.errors import UserError
from pipelines.numba_cache import compile_librosa


@dataclasses.dataclass(frozen=True)
class MeasuredSong:
    """One song of a dataset report.

    Attributes:
        domain: content or band.
        name: path relative to the domain's folder, with forward slashes.
        facts: its measured properties.
        curve: long-term spectrum, see `SongMeasurements`.
    """

    domain: str
    name: str
    facts: SongFacts
    curve: np.ndarray

    @property
    def label(self) -> str:
        """Domain and name, such as "band/song.mp3"."""
        return f"{self.domain}/{self.name}"


@dataclasses.dataclass(frozen=True)
class Duplicate:
    """Two songs with the same recording, or one of them a part of the other.

    Attributes:
        first: a song.
        second: another song.
        share: part of the shorter one's landmarks that both have, 0 to 1.
        offset: seconds into the second at which the first begins.
    """

    first: MeasuredSong
    second: MeasuredSong
    share: float
    offset: float


@dataclasses.dataclass(frozen=True)
class DatasetReport:
    """Measured songs of both domains, their duplicates, and the unusable files.

    Attributes:
        folders: folder of each domain, as the user names it.
        songs: sorted by domain and name.
        unusable: files of each domain that could not be read.
        duplicates: pairs of songs that share a recording.
        found: all files of each domain, including those that are not songs.
    """

    folders: dict[str, str]
    songs: tuple[MeasuredSong, ...]
    unusable: dict[str, tuple[Skipped, ...]]
    duplicates: tuple[Duplicate, ...]
    found: dict[str, SongFiles]

    def songs_of(self, domain: str) -> list[MeasuredSong]:
        """Songs of a domain."""
        return [song for song in self.songs if song.domain == domain]

    def without(self, excluded: Mapping[str, Mapping[str, str]]) -> DatasetReport:
        """Report without the songs in `excluded`, by domain and name, and without their duplicate pairs."""
        songs = tuple(song for song in self.songs if song.name not in excluded.get(song.domain, {}))
        labels = {song.label for song in songs}
        pairs = (pair for pair in self.duplicates if {pair.first.label, pair.second.label} <= labels)
        return dataclasses.replace(self, songs=songs, duplicates=tuple(pairs))


@dataclasses.dataclass(frozen=True)
class _Task:
    """One song to be measured."""

    domain: str
    name: str
    source: Path


def survey(folders: Mapping[str, Path], jobs: int, cache: Path | None = None) -> DatasetReport:
    """Measures every song of two folders; measurements of earlier runs are reused.

    Args:
        folders: folder of each of DOMAINS.
        jobs: number of worker processes.
        cache: an existing folder for measurements; by default the user's, see `cache.folder`.

    Raises:
        UserError: if a folder cannot be used, or has not a single readable song.
        OSError: if the disk is full.
    """
    compile_librosa()
    cache = cache or song_cache.folder()
    unusable: dict[str, list[Skipped]] = {domain: [] for domain in DOMAINS}
    measured: list[tuple[_Task, SongMeasurements]] = []
    found = domain_folders.find(folders)
    for task, result in _results(_tasks(found), cache, jobs):
        if isinstance(result, SongMeasurements):
            measured.append((task, result))
        else:
            unusable[task.domain].append(Skipped(task.name, skipped_songs.reason(task.source, result)))
    measured.sort(key=lambda each: (DOMAINS.index(each[0].domain), each[0].name))
    songs = tuple(MeasuredSong(task.domain, task.name, each.facts, each.curve) for task, each in measured)
    _require_some(folders, songs, unusable)
    ordered = {domain: tuple(sorted(each, key=lambda item: item.file)) for domain, each in unusable.items()}
    names = {domain: str(folder) for domain, folder in folders.items()}
    return DatasetReport(names, songs, ordered, _duplicates(songs, [each for _, each in measured]), found)


def _tasks(found: Mapping[str, SongFiles]) -> list[_Task]:
    return [_Task(domain, each.name(path), path) for domain, each in found.items() for path in each.songs]


def _results(
    tasks: Sequence[_Task], cache: Path, jobs: int
) -> Iterator[tuple[_Task, SongMeasurements | Exception]]:
    """Yields every task with its measurements, or with the exception."""
    entries: dict[_Task, Path] = {}
    for task in tasks:
        try:
            entry = song_cache.entry(cache, task.source)
        except OSError as error:
            yield task, error
            continue
        if found := SongMeasurements.load(entry):
            yield task, found
        else:
            entries[task] = entry
    yield from _fresh(entries, len(tasks), jobs)


def _fresh(
    entries: Mapping[_Task, Path], count: int, jobs: int
) -> Iterator[tuple[_Task, SongMeasurements | Exception]]:
    """Measures the songs that are not in the cache, and stores their measurements."""
    if len(entries) < count:
        console.say(f"{count - len(entries)} of {count} songs were measured by an earlier run")
    with contextlib.closing(worker_pool.run(_measure, entries, jobs)) as results:
        for task, result in console.progress(results, "Measuring songs", total=len(entries), unit="song"):
            if isinstance(result, SongMeasurements):
                result.save(entries[task])
            yield task, result


def _measure(task: _Task) -> SongMeasurements:
    return measurement.measure(task.source)


def _require_some(
    folders: Mapping[str, Path], songs: Sequence[MeasuredSong], unusable: Mapping[str, list[Skipped]]
) -> None:
    for domain, folder in folders.items():
        if not any(song.domain == domain for song in songs):
            first = unusable[domain][0]
            raise UserError(f"no file in {folder} can be used: {first.file} {first.why}")


def _duplicates(songs: Sequence[MeasuredSong], measured: Sequence[SongMeasurements]) -> tuple[Duplicate, ...]:
    matches = duplicates.find([found.landmarks for found in measured])
    return tuple(
        Duplicate(songs[match.first], songs[match.second], round(match.share, 3), round(match.offset, 2))
        for match in matches
    )
