"""Both folders measured: what `coverband survey` tells of, and `coverband prepare` before it begins."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from pipelines import console
from pipelines.audio.finding import Found
from pipelines.data import domain_folders, song_errors, worker_pool
from pipelines.data.schema import DOMAINS, Skipped
from pipelines.data.survey import cache as store
from pipelines.data.survey import duplicates, measurement
from pipelines.data.survey.record import Measured, SongFacts
from pipelines.errors import UserError


@dataclasses.dataclass(frozen=True)
class Song:
    """One song of the survey.

    Attributes:
        domain: content or band.
        name: path relative to the domain's folder, with forward slashes.
        facts: its numbers.
        curve: see `Measured`.
    """

    domain: str
    name: str
    facts: SongFacts
    curve: np.ndarray

    @property
    def label(self) -> str:
        """Name and domain in one."""
        return f"{self.domain}/{self.name}"


@dataclasses.dataclass(frozen=True)
class Duplicate:
    """Two songs with the same recording, or one of them a part of the other.

    Attributes:
        first: a song.
        second: another one.
        share: of the shorter one's landmarks that both have, 0 to 1.
        offset: seconds into the second at which the first begins.
    """

    first: Song
    second: Song
    share: float
    offset: float


@dataclasses.dataclass(frozen=True)
class Survey:
    """Result of a survey: the measured songs of both domains, their duplicates, and the unusable files.

    Attributes:
        folders: of each domain, as they were given.
        songs: in the order of their domains and names.
        unusable: files of each domain that could not be read.
        duplicates: pairs of songs that share a recording.
        found: files of each domain, with those that are passed over.
    """

    folders: dict[str, str]
    songs: tuple[Song, ...]
    unusable: dict[str, tuple[Skipped, ...]]
    duplicates: tuple[Duplicate, ...]
    found: dict[str, Found]

    def of(self, domain: str) -> list[Song]:
        """The songs of a domain."""
        return [song for song in self.songs if song.domain == domain]

    def without(self, left_out: Mapping[str, Mapping[str, str]]) -> Survey:
        """Survey without some songs, given by domain and name, and without their duplicate pairs."""
        songs = tuple(song for song in self.songs if song.name not in left_out.get(song.domain, {}))
        there = {song.label for song in songs}
        pairs = (pair for pair in self.duplicates if {pair.first.label, pair.second.label} <= there)
        return dataclasses.replace(self, songs=songs, duplicates=tuple(pairs))


@dataclasses.dataclass(frozen=True)
class _Task:
    """One song to be measured."""

    domain: str
    name: str
    source: Path


def survey(folders: Mapping[str, Path], jobs: int, cache: Path) -> Survey:
    """Measures every song of two folders; what an earlier run measured is kept.

    Args:
        folders: of each of DOMAINS.
        jobs: processes that decode.
        cache: a folder that exists, see `store.folder`.

    Raises:
        UserError: for folders that cannot be used, or without a single readable song.
        OSError: if the disk is full.
    """
    unusable: dict[str, list[Skipped]] = {domain: [] for domain in DOMAINS}
    measured: list[tuple[_Task, Measured]] = []
    found = domain_folders.find(folders)
    for task, result in _results(_tasks(found), cache, jobs):
        if isinstance(result, Measured):
            measured.append((task, result))
        else:
            unusable[task.domain].append(Skipped(task.name, song_errors.reason(task.source, result)))
    measured.sort(key=lambda each: (DOMAINS.index(each[0].domain), each[0].name))
    songs = tuple(Song(task.domain, task.name, each.facts, each.curve) for task, each in measured)
    _require_some(folders, songs, unusable)
    ordered = {domain: tuple(sorted(each, key=lambda item: item.file)) for domain, each in unusable.items()}
    names = {domain: str(folder) for domain, folder in folders.items()}
    return Survey(names, songs, ordered, _duplicates(songs, [each for _, each in measured]), found)


def _tasks(found: Mapping[str, Found]) -> list[_Task]:
    return [_Task(domain, each.name(path), path) for domain, each in found.items() for path in each.songs]


def _results(tasks: Sequence[_Task], cache: Path, jobs: int) -> Iterator[tuple[_Task, Measured | Exception]]:
    """Every task with its measurements, or with what went wrong."""
    entries: dict[_Task, Path] = {}
    for task in tasks:
        try:
            entry = store.entry(cache, task.source)
        except OSError as error:
            yield task, error
            continue
        if found := Measured.load(entry):
            yield task, found
        else:
            entries[task] = entry
    yield from _fresh(entries, len(tasks), jobs)


def _fresh(
    entries: Mapping[_Task, Path], count: int, jobs: int
) -> Iterator[tuple[_Task, Measured | Exception]]:
    """Measures what is not there yet, and keeps it."""
    if len(entries) < count:
        console.say(f"{count - len(entries)} of {count} songs were surveyed by an earlier run")
    with contextlib.closing(worker_pool.run(_measure, entries, jobs)) as results:
        for task, result in console.progress(results, "Surveying", total=len(entries), unit="song"):
            if isinstance(result, Measured):
                result.save(entries[task])
            yield task, result


def _measure(task: _Task) -> Measured:
    return measurement.measure(task.source)


def _require_some(
    folders: Mapping[str, Path], songs: Sequence[Song], unusable: Mapping[str, list[Skipped]]
) -> None:
    for domain, folder in folders.items():
        if not any(song.domain == domain for song in songs):
            first = unusable[domain][0]
            raise UserError(f"no file in {folder} can be used: {first.file} {first.why}")


def _duplicates(songs: Sequence[Song], measured: Sequence[Measured]) -> tuple[Duplicate, ...]:
    matches = duplicates.find([found.landmarks for found in measured])
    return tuple(
        Duplicate(songs[match.first], songs[match.second], round(match.share, 3), round(match.offset, 2))
        for match in matches
    )
