"""A corpus that seems as large as one wishes: its songs are listed again and again."""

from __future__ import annotations

import dataclasses
import math

from pipelines.data.compressed_corpus import CompressedCorpus
from pipelines.data.corpus import Corpus
from pipelines.data.schema import SongRecord


def enlarged(corpus: Corpus, hours: float) -> Corpus:
    """The same songs under further names, in the same splits, until there are that many hours.

    Args:
        corpus: of any kind; one of compressed songs opens each name as a file of its own.
        hours: of both domains together; what is larger stays as it is.
    """
    domains = corpus.manifest.domains
    seconds = sum(song.seconds for domain in domains.values() for song in domain.songs)
    times = max(1, math.ceil(hours * 3600 / seconds))
    many = {
        name: dataclasses.replace(domain, songs=tuple(_listed(domain.songs, times, corpus)))
        for name, domain in domains.items()
    }
    manifest = dataclasses.replace(corpus.manifest, domains=many)
    if not isinstance(corpus, CompressedCorpus):
        return dataclasses.replace(corpus, manifest=manifest)
    recordings = {
        _numbered(shard, number): item for number in range(times) for shard, item in corpus.recordings.items()
    }
    return dataclasses.replace(corpus, manifest=manifest, recordings=recordings)


def _listed(songs: tuple[SongRecord, ...], times: int, corpus: Corpus) -> list[SongRecord]:
    """Shards exist once; a recording's name is only a name."""
    if not isinstance(corpus, CompressedCorpus):
        return [song for _ in range(times) for song in songs]
    return [
        dataclasses.replace(song, shard=_numbered(song.shard, number))
        for number in range(times)
        for song in songs
    ]


def _numbered(shard: str, number: int) -> str:
    return f"{shard}#{number}" if number else shard
