"""Loader of the corpus that --data names: a data folder by `coverband prepare`, or two folders of songs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pipelines import console, outputs
from pipelines.audio.path_errors import similar
from pipelines.audio.song_files import abbreviated, find_songs
from pipelines.data import domain_folders, loudness_cache, shards, splits, summary
from pipelines.data.compressed_corpus import CompressedCorpus
from pipelines.data.corpus import Corpus
from pipelines.data.normalisation import Normalisation
from pipelines.data.schema import DOMAINS, MANIFEST_FILE, DomainManifest, Manifest, Settings, Skipped
from pipelines.data.segment_decoder import Recording
from pipelines.data.shards import PreparationTask
from pipelines.errors import UserError


def open_corpus(data: str | Path) -> Corpus:
    """Opens a data folder, or two folders of songs, "CONTENT,BAND" (see `open_song_folders`).

    Raises:
        UserError: if it is neither, is unfinished, or lacks a shard.
    """
    path = Path(data)
    if "," in str(data) and not path.exists():
        return open_song_folders(path)
    if not (path / MANIFEST_FILE).is_file():
        _require_no_songs(path)
    return Corpus.load(path)


def open_song_folders(
    data: str | Path, settings: Settings | None = None, jobs: int | None = None
) -> CompressedCorpus:
    """Opens two folders of songs, split, cut and normalised in loudness as `prepare` does.

    The length and loudness of every song are measured in one pass and kept in the user's cache folder
    (XDG_CACHE_HOME).

    Args:
        data: "CONTENT,BAND"; of several commas, the one between two paths that exist.
        settings: rate, loudness and segments; None for the default ones.
        jobs: number of processes that measure; None for one per core.

    Raises:
        UserError: for folders that cannot be used, or no usable song.
    """
    sources = domain_folders.parse_pair(str(data))
    settings = settings or Settings()
    found = domain_folders.find(sources)
    folder = _cache_folder(sources, settings)
    for sentence in domain_folders.ignored_files(found):
        console.say(sentence)
    tasks = [
        PreparationTask.from_file(path, found[domain].root, domain, folder, settings)
        for domain in DOMAINS
        for path in found[domain].songs
    ]
    measured = dict(loudness_cache.measure_all(tasks, jobs or os.cpu_count() or 1))
    domains = {name: _domain(name, sources[name], measured, settings) for name in DOMAINS}
    manifest = Manifest(settings, domains)
    for sentence in summary.warnings(manifest):
        console.say(f"warning: {sentence}")
    if long := {song.shard for domain in domains.values() for song in domain.songs if song.first}:
        console.say(
            f"long recordings ({len(long)}) are decoded from their start for each of their parts: training "
            "on them is faster after `coverband prepare`"
        )
    recordings = {
        task.shard: Recording(task.source, result.samples, result.gain, task.file_state)
        for task, result in measured.items()
        if isinstance(result, Normalisation)
    }
    return CompressedCorpus(folder, manifest, recordings)


def _require_no_songs(path: Path) -> None:
    """Explains what a path is that is no data folder.

    Raises:
        UserError: if it does not exist, or holds songs.
    """
    if not path.exists():
        raise UserError(f"{path} does not exist: {similar(path)}")
    both = [path / domain for domain in DOMAINS]
    if all(side.is_dir() and find_songs(side).songs for side in both):
        raise UserError(f"{path} holds two folders of songs: name them, --data {both[0]},{both[1]}")
    found = find_songs(path)
    if found.songs:
        names = abbreviated([found.name(song) for song in found.songs])
        raise UserError(
            f"{path} holds songs ({names}): prepare them with `coverband prepare`, or name two folders of "
            "songs, --data CONTENT,BAND"
        )


def _cache_folder(sources: Mapping[str, Path], settings: Settings) -> Path:
    """Cache folder of measurements, one per pair of folders and settings; created if it is missing."""
    folder = outputs.user_cache() / outputs.digest(*(path.resolve() for path in sources.values()), settings)
    try:
        for domain in DOMAINS:
            (folder / domain).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"{folder} cannot be made ({error.strerror}): name another folder by XDG_CACHE_HOME"
        ) from error
    return folder


def _domain(
    name: str,
    source: Path,
    measured: Mapping[PreparationTask, Normalisation | Skipped],
    settings: Settings,
) -> DomainManifest:
    """Manifest of a domain from the measurements of its songs."""
    results = [(task, result) for task, result in measured.items() if task.domain == name]
    skipped = sorted(
        (result for _, result in results if isinstance(result, Skipped)), key=lambda item: item.file
    )
    records = [
        shards.song_record(task, result) for task, result in results if isinstance(result, Normalisation)
    ]
    if not records:
        raise UserError(f"no file in {source} can be used: {skipped[0].file} {skipped[0].why}")
    return DomainManifest(splits.split_songs(records, settings), tuple(skipped))
