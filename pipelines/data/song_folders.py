"""Two folders of compressed songs, read as they are: nothing is prepared but their levels."""

from __future__ import annotations

import os
from pathlib import Path

from pipelines import console
from pipelines.data import domain_folders, long_recordings, loudness_cache, shards, songs, summary
from pipelines.data.compressed_corpus import CompressedCorpus
from pipelines.data.normalise import Normalised
from pipelines.data.schema import DOMAINS, DomainManifest, Manifest, Settings, Skipped
from pipelines.data.segment_decoder import Recording
from pipelines.data.shards import Task
from pipelines.errors import UserError

Usable = dict[Task, Normalised]


def opened(data: Path, settings: Settings | None = None, jobs: int | None = None) -> CompressedCorpus:
    """Two folders of songs as a corpus: split, cut and levelled as `prepare` would.

    What has to be known of every song before the first step is measured in one pass and kept in the user's
    cache folder (XDG_CACHE_HOME).

    Args:
        data: "CONTENT,BAND"; of several commas, the one between two paths that exist.
        settings: rate, loudness and segments; None for those that are usual.
        jobs: processes that measure; None for one per core.

    Raises:
        UserError: for folders that cannot be used, or no usable song.
    """
    pair = domain_folders.pair(str(data))
    settings = settings or Settings()
    found = domain_folders.find(pair)
    folder = _folder(pair, settings)
    for sentence in domain_folders.passed_over(found):
        console.say(sentence)
    tasks = [
        Task.of(path, found[domain].root, domain, folder, settings)
        for domain in DOMAINS
        for path in found[domain].songs
    ]
    usable, skipped = _measured(tasks, jobs or os.cpu_count() or 1)
    domains = {name: _domain(name, pair[name], usable, skipped, settings) for name in DOMAINS}
    manifest = Manifest(settings, domains)
    for sentence in summary.warnings(manifest):
        console.say(f"warning: {sentence}")
    if long := {song.shard for domain in domains.values() for song in domain.songs if song.first}:
        console.say(
            f"long recordings ({len(long)}) are decoded from their start for each of their parts: training "
            "on them is faster after `coverband prepare`"
        )
    recordings = {task.shard: _recording(task, level) for task, level in usable.items()}
    return CompressedCorpus(folder, manifest, recordings)


def _folder(pair: dict[str, Path], settings: Settings) -> Path:
    """Cache folder of the songs' levels, one per pair of folders and settings; created if it is missing."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "coverband"
    folder = cache / songs.digest(*(path.resolve() for path in pair.values()), settings)
    try:
        for domain in DOMAINS:
            (folder / domain).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"{folder} cannot be made ({error.strerror}): name another folder by XDG_CACHE_HOME"
        ) from error
    return folder


def _measured(tasks: list[Task], jobs: int) -> tuple[Usable, dict[Task, Skipped]]:
    found = dict(loudness_cache.levels(tasks, jobs))
    usable = {task: level for task, level in found.items() if isinstance(level, Normalised)}
    return usable, {task: level for task, level in found.items() if isinstance(level, Skipped)}


def _recording(task: Task, level: Normalised) -> Recording:
    return Recording(task.source, level.samples, level.gain, task.state)


def _domain(
    name: str, source: Path, usable: Usable, skipped: dict[Task, Skipped], settings: Settings
) -> DomainManifest:
    left = sorted((item for task, item in skipped.items() if task.domain == name), key=lambda item: item.file)
    records = [shards.record_of(task, level) for task, level in usable.items() if task.domain == name]
    if not records:
        raise UserError(f"no file in {source} can be used: {left[0].file} {left[0].why}")
    return DomainManifest(long_recordings.in_splits(records, settings), tuple(left))
