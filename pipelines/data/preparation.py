"""Preparation of a data folder from two folders of songs (`coverband prepare`)."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from pipelines import console, locks
from pipelines.audio.spec import SPEC_FILE, AudioSpec
from pipelines.data import domain_folders as folders
from pipelines.data import executors, shards, skipped_songs, splits
from pipelines.data.accompaniments import Accompaniments
from pipelines.data.augmented_copies import CopyConfig
from pipelines.data.executors import Executor
from pipelines.data.schema import (
    DOMAINS,
    MANIFEST_FILE,
    SETTINGS_FILE,
    AugmentedCopy,
    DomainManifest,
    Manifest,
    Settings,
    Skipped,
    SongRecord,
    write_json,
)
from pipelines.data.shards import PreparationTask
from pipelines.data.skipped_songs import SkipReport
from pipelines.errors import UserError

_PERMANENT = (shards.SHARD_SUFFIX, shards.SIDECAR_SUFFIX)
_TEMPORARY = (shards.PCM_SUFFIX, shards.TEMPORARY_SUFFIX, shards.REASON_SUFFIX)
_LOCK_FILE = ".lock"

FindExcluded = Callable[[], Mapping[str, Mapping[str, str]]]
"""Function that returns the reasons to exclude songs, clauses that follow the name, by domain and name."""


def prepare(
    sources: Mapping[str, Path],
    out: Path,
    settings: Settings,
    jobs: int,
    copies: CopyConfig | None = None,
    find_excluded: FindExcluded | None = None,
    executor: Executor | None = None,
    accompaniments: Accompaniments | None = None,
) -> Manifest:
    """Writes one shard per song and the manifest; shards of an earlier run are kept.

    Args:
        sources: the folder of each of DOMAINS.
        out: the data folder; created if it does not exist.
        settings: rate, loudness and segments.
        jobs: number of processes that decode, if there is no `executor`.
        copies: augmented copies of the band's training songs; None for none.
        find_excluded: called after the folders have been checked; None to exclude no song.
        executor: of the tasks; None for processes of this machine.
        accompaniments: of the band's songs, which are prepared in their place; None for whole songs.

    Raises:
        UserError: for folders that cannot be used, an `out` with other settings, or no usable song.
        OSError: if the disk is full.
    """
    tasks = _plan(sources, out, settings, accompaniments)
    executor = executor or executors.local_executor(jobs)
    if accompaniments:
        executor = _with_accompaniments(executor, accompaniments)
    with _locked(out, settings):
        tasks, skipped = _without_excluded(tasks, find_excluded() if find_excluded else {})
        (out / MANIFEST_FILE).unlink(missing_ok=True)  # it is out of date until the end
        domains = _prepare_songs(tasks, sources, settings, executor, skipped)
        domains["band"] = _with_copies(domains["band"], tasks, copies or CopyConfig(), executor)
        domains["content"] = _with_stems(domains["content"], tasks, sources["content"], executor)
        _remove_stale_shards(out, domains)
        manifest = Manifest(settings, domains)
        manifest.save(out)
    return manifest


def _prepare_songs(
    tasks: list[PreparationTask],
    sources: Mapping[str, Path],
    settings: Settings,
    executor: Executor,
    skipped: dict[str, list[Skipped]],
) -> dict[str, DomainManifest]:
    done: dict[str, list[SongRecord]] = {domain: [] for domain in DOMAINS}
    for task, result in _results(tasks, executor):
        if isinstance(result, SongRecord):
            done[task.domain].append(result)
        else:
            skipped[task.domain].append(result)
    return {name: _domain(sources[name], settings, done[name], skipped[name]) for name in DOMAINS}


def _with_copies(
    domain: DomainManifest, tasks: list[PreparationTask], copies: CopyConfig, executor: Executor
) -> DomainManifest:
    """Manifest with augmented copies of the training songs; a copy that fails is reported and left out."""
    recordings = _recordings(domain)
    in_train = {shard for shard, songs in recordings.items() if any(song.split == "train" for song in songs)}
    originals = [task for task in tasks if task.domain == "band" and task.shard in in_train]
    copy_tasks = {
        task.with_change(change): task for task in originals for change in copies.changes(task.name)
    }
    records = [
        part
        for task, result in (_results(list(copy_tasks), executor) if copy_tasks else ())
        if isinstance(result, AugmentedCopy)
        for part in splits.training_parts(result, recordings[copy_tasks[task].shard])
    ]
    return dataclasses.replace(domain, copies=tuple(sorted(records, key=lambda record: record.name)))


def _with_stems(
    domain: DomainManifest, tasks: list[PreparationTask], source: Path, executor: Executor
) -> DomainManifest:
    """Manifest with the stems of the content's songs; one that fails is reported and left out."""
    stems, recordings = folders.stems_of(source), _recordings(domain)
    songs = {
        task.of_stem(stem): (recordings[task.shard], stem.role.value)
        for task in tasks
        if task.domain == "content" and task.shard in recordings and (stem := stems.get(task.source))
    }
    records = [
        part
        for task, result in (_results(list(songs), executor) if songs else ())
        if isinstance(result, SongRecord)
        for part in splits.stem_parts(result, *songs[task])
    ]
    return dataclasses.replace(domain, stems=tuple(sorted(records, key=lambda record: record.stem_of)))


def _recordings(domain: DomainManifest) -> dict[str, list[SongRecord]]:
    """Songs, or parts of long ones, by the shard of their recording."""
    found: dict[str, list[SongRecord]] = {}
    for song in domain.songs:
        found.setdefault(song.shard, []).append(song)
    return found


def _with_accompaniments(executor: Executor, accompaniments: Accompaniments) -> Executor:
    """Executor that first finds the stems of the band's songs; those without one are skipped.

    Separators need all cores, or the accelerator: songs are separated one after the other, before any is
    decoded.
    """

    def execute(tasks: list[PreparationTask]) -> executors.Results:
        ready = []
        for task in tasks:
            try:
                stem = accompaniments.require_stem(task.name, task.source) if task.domain == "band" else None
            except UserError as error:
                yield task, Skipped(task.name, skipped_songs.reason(task.source, error))
            else:
                ready.append(dataclasses.replace(task, song_stem=stem))
        planned = {task.shard: task for task in tasks}
        with contextlib.closing(executor(ready)) as results:
            for task, result in results:
                yield planned[task.shard], result

    return execute


def _plan(
    sources: Mapping[str, Path], out: Path, settings: Settings, accompaniments: Accompaniments | None
) -> list[PreparationTask]:
    """Tasks of all songs, after the folders have been checked."""
    found = folders.find(sources)
    folders.require_outside(sources, out)
    for sentence in folders.ignored_files(found):
        console.say(sentence)
    return [
        PreparationTask.from_file(
            path, found[domain].root, domain, out, settings, accompaniments if domain == "band" else None
        )
        for domain in DOMAINS
        for path in found[domain].songs
    ]


def _without_excluded(
    tasks: list[PreparationTask], excluded: Mapping[str, Mapping[str, str]]
) -> tuple[list[PreparationTask], dict[str, list[Skipped]]]:
    """Tasks that remain, and the excluded songs of each domain with the reasons, which are printed."""
    why = {task: excluded.get(task.domain, {}).get(task.name) for task in tasks}
    skipped: dict[str, list[Skipped]] = {domain: [] for domain in DOMAINS}
    for task, reason in why.items():
        if reason is not None:
            console.say(f"left out: {task.source} {reason}")
            skipped[task.domain].append(Skipped(task.name, reason))
    return [task for task in tasks if why[task] is None], skipped


@contextlib.contextmanager
def _locked(out: Path, settings: Settings) -> Iterator[None]:
    """Context manager that creates the data folder or checks its settings, and locks it."""
    _create(out)
    with locks.exclusive(out / _LOCK_FILE, lambda pid: _busy(out, pid)):
        _require_settings(out, settings)
        try:
            yield
        finally:
            _remove(out, lambda path: path.suffix in _TEMPORARY)


def _busy(out: Path, holder: str) -> str:
    return f"another `coverband prepare` (pid {holder}) is writing to {out}: wait for it to end"


def _create(out: Path) -> None:
    try:
        for domain in DOMAINS:
            (out / domain).mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError, PermissionError) as error:
        raise UserError(
            f"{error.filename} cannot be made ({error.strerror}): choose another --out"
        ) from error


def _require_settings(out: Path, settings: Settings) -> None:
    """Writes the settings of a folder without songs; those of another one have to be the same."""
    spec = settings.spec.to_dict()
    others = {key: value for key, value in settings.to_dict().items() if key != "spec"}
    if any(path.suffix in _PERMANENT for domain in DOMAINS for path in (out / domain).iterdir()):
        # Songs may have been copied here without their settings.
        known_spec = AudioSpec.load(out).to_dict() if (out / SPEC_FILE).exists() else spec
        known = json.loads((out / SETTINGS_FILE).read_text()) if (out / SETTINGS_FILE).exists() else others
        found = known_spec | known
        differences = [
            f"{key} {found.get(key)} against {value}"
            for key, value in (spec | others).items()
            if found.get(key) != value
        ]
        if differences:
            raise UserError(
                f"{out} was made with other settings ({', '.join(differences)}): choose another --out"
            )
    write_json(out / SPEC_FILE, spec)
    write_json(out / SETTINGS_FILE, others)


def _results(
    tasks: list[PreparationTask], executor: Executor
) -> Iterator[tuple[PreparationTask, SongRecord | Skipped]]:
    """Every task with its record, or with the reason why it was skipped, which is printed."""
    pending = []
    for task in tasks:
        if record := task.finished():
            yield task, record
        else:
            pending.append(task)
    if len(pending) < len(tasks):
        console.say(f"{len(tasks) - len(pending)} of {len(tasks)} songs are prepared already")
    skips = SkipReport()
    # Closed even after an exception, so that no worker writes after the end of this run.
    with contextlib.closing(executor(pending)) as results:
        for task, result in console.progress(results, "Preparing", total=len(pending), unit="song"):
            if isinstance(result, Skipped):
                skips.add(task.source, result.why)
            elif result.damage and task.change is None:
                console.say(f"{task.source} {result.damage}")
            yield task, result
    skips.summary()


def _domain(
    source: Path, settings: Settings, done: list[SongRecord], skipped: list[Skipped]
) -> DomainManifest:
    """Manifest of a domain: usable songs in splits, and skipped files."""
    if not done:
        raise UserError(f"no file in {source} can be used: {skipped[0].file} {skipped[0].why}")
    return DomainManifest(
        splits.split_songs(done, settings), tuple(sorted(skipped, key=lambda item: item.file))
    )


def _remove_stale_shards(out: Path, domains: Mapping[str, DomainManifest]) -> None:
    """Removes the shards of songs that no longer exist or have changed."""
    current = {
        Path(record.shard).stem
        for domain in domains.values()
        for record in (*domain.songs, *domain.copies, *domain.stems)
    }
    _remove(out, lambda path: path.suffix in _PERMANENT and path.stem not in current)


def _remove(out: Path, condition: Callable[[Path], bool]) -> None:
    for domain in DOMAINS:
        for path in (out / domain).iterdir():
            if condition(path):
                path.unlink()
