"""Virtual corpora of any size, which repeat the songs of a corpus."""

from __future__ import annotations

import dataclasses
import math

from pipelines.data.compressed_corpus import CompressedCorpus
from pipelines.data.corpus import Corpus
from pipelines.data.schema import SongRecord


def virtual_corpus(corpus: Corpus, hours: float) -> Corpus:
    """Corpus that repeats the songs of another one, in the same splits, up to a size.

    Args:
        corpus: prepared or compressed corpus; a compressed one opens every repetition as a separate file.
        hours: least size of both domains together.
    """
    domains = corpus.manifest.domains
    seconds = sum(song.seconds for domain in domains.values() for song in domain.songs)
    times = max(1, math.ceil(hours * 3600 / seconds))
    many = {
        name: dataclasses.replace(domain, songs=tuple(_repeated(domain.songs, times, corpus)))
        for name, domain in domains.items()
    }
    manifest = dataclasses.replace(corpus.manifest, domains=many)
    if not isinstance(corpus, CompressedCorpus):
        return dataclasses.replace(corpus, manifest=manifest)
    recordings = {
        _numbered(shard, number): item for number in range(times) for shard, item in corpus.recordings.items()
    }
    return dataclasses.replace(corpus, manifest=manifest, recordings=recordings)


def _repeated(songs: tuple[SongRecord, ...], times: int, corpus: Corpus) -> list[SongRecord]:
    """Repeated songs; those of a compressed corpus get unique names."""
    if not isinstance(corpus, CompressedCorpus):
        return [song for _ in range(times) for song in songs]
    return [
        dataclasses.replace(song, shard=_numbered(song.shard, number))
        for number in range(times)
        for song in songs
    ]


def _numbered(shard: str, number: int) -> str:
    return f"{shard}#{number}" if number else shard
