"""From two folders of songs to one data folder: what `coverband prepare` does."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from pipelines import console, locks
from pipelines.audio.spec import SPEC_FILE, AudioSpec
from pipelines.data import domain_folders as folders
from pipelines.data import executors, long_recordings, shards
from pipelines.data.augmented_copies import Variety
from pipelines.data.executors import Route
from pipelines.data.schema import (
    DOMAINS,
    MANIFEST_FILE,
    SETTINGS_FILE,
    DomainManifest,
    Manifest,
    Settings,
    Skipped,
    SongRecord,
    VariantRecord,
    write_json,
)
from pipelines.data.shards import Task
from pipelines.data.skipped_songs import Skips
from pipelines.errors import UserError

_LASTING = (shards.SHARD_SUFFIX, shards.SIDECAR_SUFFIX)
_PASSING = (shards.PCM_SUFFIX, shards.TEMPORARY_SUFFIX, shards.REASON_SUFFIX)
_LOCK_FILE = ".lock"

LeftOut = Callable[[], Mapping[str, Mapping[str, str]]]
"""Gives songs by domain and name, and why they are left out, in words that follow the name."""


def prepare(
    sources: Mapping[str, Path],
    out: Path,
    settings: Settings,
    jobs: int,
    variety: Variety | None = None,
    left_out: LeftOut | None = None,
    route: Route | None = None,
) -> Manifest:
    """Writes one shard per song and the manifest; what an earlier run finished is kept.

    Args:
        sources: the folder of each of DOMAINS.
        out: the data folder; made if it does not exist.
        settings: rate, loudness and segments.
        jobs: processes that decode, if there is no `route`.
        variety: what is made of the band's training songs, beside themselves; None for nothing.
        left_out: asked once it is sure that the folders will do: which songs to pass over.
        route: who prepares the songs; None for this machine's processes.

    Raises:
        UserError: for folders that cannot be used, an `out` with other settings, or no usable song.
        OSError: if the disk is full.
    """
    tasks = _plan(sources, out, settings)
    route = route or executors.here(jobs)
    with _claimed(out, settings):
        tasks, skipped = _without(tasks, left_out() if left_out else {})
        (out / MANIFEST_FILE).unlink(missing_ok=True)  # from here to the end, it would not be true
        domains = _work(tasks, sources, settings, route, skipped)
        domains["band"] = _with_variants(domains["band"], tasks, variety or Variety(), route)
        _sweep(out, domains)
        manifest = Manifest(settings, domains)
        manifest.save(out)
    return manifest


def _work(
    tasks: list[Task],
    sources: Mapping[str, Path],
    settings: Settings,
    route: Route,
    skipped: dict[str, list[Skipped]],
) -> dict[str, DomainManifest]:
    done: dict[str, list[SongRecord]] = {domain: [] for domain in DOMAINS}
    for task, result in _results(tasks, route):
        if isinstance(result, SongRecord):
            done[task.domain].append(result)
        else:
            skipped[task.domain].append(result)
    return {name: _domain(sources[name], settings, done[name], skipped[name]) for name in DOMAINS}


def _with_variants(
    domain: DomainManifest, tasks: list[Task], variety: Variety, route: Route
) -> DomainManifest:
    """Adds what is made of the band's training songs; a variant that fails is said and left out."""
    recordings: dict[str, list[SongRecord]] = {}
    for song in domain.songs:
        recordings.setdefault(song.shard, []).append(song)
    learnt = {shard for shard, cut in recordings.items() if any(song.split == "train" for song in cut)}
    originals = [task for task in tasks if task.domain == "band" and task.shard in learnt]
    altered = {task.altered(each): task for task in originals for each in variety.of(task.name)}
    made = [
        variant
        for task, result in (_results(list(altered), route) if altered else ())
        if isinstance(result, VariantRecord)
        for variant in long_recordings.of_variant(result, recordings[altered[task].shard])
    ]
    return dataclasses.replace(domain, variants=tuple(sorted(made, key=lambda record: record.name)))


def _plan(sources: Mapping[str, Path], out: Path, settings: Settings) -> list[Task]:
    """Checks the folders and lists their songs."""
    found = folders.find(sources)
    folders.require_outside(sources, out)
    for sentence in folders.passed_over(found):
        console.say(sentence)
    return [
        Task.of(path, found[domain].root, domain, out, settings)
        for domain in DOMAINS
        for path in found[domain].songs
    ]


def _without(
    tasks: list[Task], left_out: Mapping[str, Mapping[str, str]]
) -> tuple[list[Task], dict[str, list[Skipped]]]:
    """Tasks that remain, and the skipped songs of each domain with the reasons, which are printed."""
    why = {task: left_out.get(task.domain, {}).get(task.name) for task in tasks}
    skipped: dict[str, list[Skipped]] = {domain: [] for domain in DOMAINS}
    for task, reason in why.items():
        if reason is not None:
            console.say(f"left out: {task.source} {reason}")
            skipped[task.domain].append(Skipped(task.name, reason))
    return [task for task in tasks if why[task] is None], skipped


@contextlib.contextmanager
def _claimed(out: Path, settings: Settings) -> Iterator[None]:
    """Makes the data folder or checks its settings; only one run works on it at a time."""
    _make(out)
    with locks.exclusive(out / _LOCK_FILE, lambda pid: _busy(out, pid)):
        _require_settings(out, settings)
        try:
            yield
        finally:
            _remove(out, lambda path: path.suffix in _PASSING)


def _busy(out: Path, holder: str) -> str:
    return f"another `coverband prepare` (pid {holder}) is writing to {out}: wait for it to end"


def _make(out: Path) -> None:
    try:
        for domain in DOMAINS:
            (out / domain).mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError, PermissionError) as error:
        raise UserError(
            f"{error.filename} cannot be made ({error.strerror}): choose another --out"
        ) from error


def _require_settings(out: Path, settings: Settings) -> None:
    if (out / SPEC_FILE).exists():
        settings.spec.require_equal(AudioSpec.load(out), "this run", str(out))
    wanted = {key: value for key, value in settings.to_dict().items() if key != "spec"}
    found = json.loads((out / SETTINGS_FILE).read_text()) if (out / SETTINGS_FILE).exists() else wanted
    differences = [
        f"{key} {found.get(key)} against {value}" for key, value in wanted.items() if found.get(key) != value
    ]
    if differences:
        raise UserError(
            f"{out} was made with other settings ({', '.join(differences)}): choose another --out"
        )
    write_json(out / SPEC_FILE, settings.spec.to_dict())
    write_json(out / SETTINGS_FILE, wanted)


def _results(tasks: list[Task], route: Route) -> Iterator[tuple[Task, SongRecord | Skipped]]:
    """Every task with its record, or with the reason why there is none (which is said at once)."""
    todo = []
    for task in tasks:
        if record := task.finished():
            yield task, record
        else:
            todo.append(task)
    if len(todo) < len(tasks):
        console.say(f"{len(tasks) - len(todo)} of {len(tasks)} songs are there from an earlier run")
    skips = Skips()
    # Closed whatever happens, so that no worker writes any more once this run has ended.
    with contextlib.closing(route(todo)) as results:
        for task, result in console.progress(results, "Preparing", total=len(todo), unit="song"):
            if isinstance(result, Skipped):
                skips.add(task.source, result.why)
            elif result.damage and task.alteration is None:
                console.say(f"{task.source} {result.damage}")
            yield task, result
    skips.summary()


def _domain(
    source: Path, settings: Settings, done: list[SongRecord], skipped: list[Skipped]
) -> DomainManifest:
    """Splits the songs that turned out usable."""
    if not done:
        raise UserError(f"no file in {source} can be used: {skipped[0].file} {skipped[0].why}")
    return DomainManifest(
        long_recordings.in_splits(done, settings), tuple(sorted(skipped, key=lambda item: item.file))
    )


def _sweep(out: Path, domains: Mapping[str, DomainManifest]) -> None:
    """Removes the shards of songs that are gone or changed."""
    current = {
        Path(song.shard).stem for domain in domains.values() for song in (*domain.songs, *domain.variants)
    }
    _remove(out, lambda path: path.suffix in _LASTING and path.stem not in current)


def _remove(out: Path, condition: Callable[[Path], bool]) -> None:
    for domain in DOMAINS:
        for path in (out / domain).iterdir():
            if condition(path):
                path.unlink()
