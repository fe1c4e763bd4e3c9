"""Fixed excerpts of songs, long enough to be measured."""

from __future__ import annotations

import numpy as np

from pipelines.data.corpus import Corpus
from pipelines.data.schema import PCM_SCALE, SongRecord


def excerpts(corpus: Corpus, domain: str, split: str, *, count: int, segments: int) -> list[np.ndarray]:
    """The same excerpts at every call, spread over the songs of a split and over each song's length.

    Args:
        corpus: the data folder.
        domain: "content" or "band".
        split: train, valid or test; train where the domain is too small to have it.
        count: how many are wanted; there are fewer where the songs hold no more without overlapping.
        segments: how many segments each is long; less where a song is shorter.

    Returns:
        float32 [samples] each, mono in [-1, 1].
    """
    places = [
        (song, first, min(segments, _apart(song) - first))
        for song in corpus.songs(domain, split)
        for first in range(0, max(1, _apart(song) - segments + 1), segments)
    ]
    count = min(count, len(places))
    chosen = [places[int((index + 0.5) * len(places) / count)] for index in range(count)]
    return [_joined(corpus, *place) for place in chosen]


def middle(corpus: Corpus, song: SongRecord, *, segments: int) -> np.ndarray:
    """The middle of a song, float32 [samples], mono in [-1, 1].

    Args:
        corpus: the data folder.
        song: of either domain.
        segments: how many it is long; less where the song is shorter.
    """
    length = min(segments, _apart(song))
    return _joined(corpus, song, (_apart(song) - length) // 2, length)


def _apart(song: SongRecord) -> int:
    """Segments that follow each other by their full length; the last of several does not."""
    return max(1, song.segments - 1)


def _joined(corpus: Corpus, song: SongRecord, first: int, segments: int) -> np.ndarray:
    """Neighbouring segments as one waveform, without the samples that they share."""
    stride = corpus.segment_frames * corpus.spec.hop_length
    parts = [pcm[:valid] for pcm, valid in corpus.read(song, first, segments)]
    parts = [part[:stride] for part in parts[:-1]] + parts[-1:]
    return np.concatenate(parts).astype(np.float32) / np.float32(PCM_SCALE)
