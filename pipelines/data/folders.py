"""Two folders of compressed songs, read as they are: nothing is prepared but their levels."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

from pipelines import console
from pipelines.audio import resampling, tfio
from pipelines.data import levels, shards, songs, sources, summary
from pipelines.data.compressed import CompressedCorpus, Recording
from pipelines.data.normalise import Normalised
from pipelines.data.schema import DOMAINS, DomainManifest, Manifest, Settings, Skipped
from pipelines.data.shards import Task
from pipelines.errors import UserError

_PREPARE = "`coverband prepare` reads more"
_TOLERANCE = 0.2
"""Seconds by which two decoders may disagree about the length of a song."""

Usable = dict[Task, tuple[Normalised, Recording]]


def opened(data: Path, settings: Settings | None = None, jobs: int | None = None) -> CompressedCorpus:
    """Two folders of songs as a corpus: split, cut and levelled as `prepare` would.

    What has to be known of every song before the first step is measured in one pass and kept in the user's
    cache folder (XDG_CACHE_HOME).

    Args:
        data: "CONTENT,BAND".
        settings: rate, loudness and segments; None for those that are usual.
        jobs: processes that measure; None for one per core.

    Raises:
        UserError: for folders that cannot be used, or no usable song.
    """
    content, _, band = str(data).partition(",")
    # A shell puts the home folder in place of the first ~ only.
    pair = {"content": Path(content).expanduser(), "band": Path(band).expanduser()}
    settings = settings or Settings()
    found = sources.find(pair)
    folder = _folder(pair, settings)
    for sentence in sources.passed_over(found):
        console.say(sentence)
    tasks = [
        Task.of(path, found[domain].root, domain, folder, settings)
        for domain in DOMAINS
        for path in found[domain].songs
    ]
    usable, skipped = _measured(tasks, jobs or os.cpu_count() or 1)
    domains = {name: _domain(name, pair[name], usable, skipped) for name in DOMAINS}
    manifest = Manifest(settings, domains)
    for sentence in summary.warnings(manifest):
        console.say(f"warning: {sentence}")
    recordings = {shards.record_of(task, level).shard: item for task, (level, item) in usable.items()}
    return CompressedCorpus(folder, manifest, recordings)


def _folder(pair: dict[str, Path], settings: Settings) -> Path:
    """Where what is known of the songs is kept."""
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
    usable: Usable = {}
    skipped: dict[Task, Skipped] = {}
    for task, level in levels.levels(tasks, jobs):
        if isinstance(level, Skipped):
            skipped[task] = level
            continue
        recording = _recording(task, level)
        if isinstance(recording, Recording):
            usable[task] = level, recording
        else:
            console.say(f"skipped: {task.source} {recording}")
            skipped[task] = Skipped(task.name, recording)
    return usable, skipped


def _recording(task: Task, level: Normalised) -> Recording | str:
    """How to decode a song inside the graph, or why that cannot be."""
    facts, rate = tfio.facts(task.source), task.settings.spec.sample_rate
    if facts is None:
        return f"cannot be decoded by tensorflow-io: {_PREPARE}"
    if facts.channels > 2:
        return f"has {facts.channels} channels: {_PREPARE}"
    if abs(facts.frames / facts.sample_rate - level.samples / rate) > _TOLERANCE:
        return f"is of another length to tensorflow-io ({facts.frames} samples): {_PREPARE}"
    if not resampling.is_possible(facts.sample_rate, rate):
        return f"has an unusual sample rate ({facts.sample_rate} Hz): {_PREPARE}"
    stat = task.source.stat()
    return Recording(task.source, facts, level.samples, level.gain, (stat.st_size, stat.st_mtime_ns))


def _domain(name: str, source: Path, usable: Usable, skipped: dict[Task, Skipped]) -> DomainManifest:
    left = sorted((item for task, item in skipped.items() if task.domain == name), key=lambda item: item.file)
    records = [shards.record_of(task, level) for task, (level, _) in usable.items() if task.domain == name]
    if not records:
        raise UserError(f"no file in {source} can be used: {left[0].file} {left[0].why}")
    splits = songs.split([record.name for record in records])
    done = [dataclasses.replace(record, split=splits[record.name]) for record in records]
    return DomainManifest(tuple(sorted(done, key=lambda record: record.name)), tuple(left))
