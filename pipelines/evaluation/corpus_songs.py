"""The songs of a prepared data folder as whole waveforms."""

from __future__ import annotations

import dataclasses

import numpy as np

from pipelines.data.corpus import Corpus
from pipelines.data.schema import PCM_SCALE, SongRecord

_ROUNDED = 0.001
"""A record's seconds are exact to this."""


@dataclasses.dataclass(frozen=True)
class Choice:
    """Songs of one domain.

    Attributes:
        songs: which.
        split: that they are from; "" for none at all.
    """

    songs: tuple[SongRecord, ...]
    split: str


def choose(corpus: Corpus, domain: str, *splits: str) -> Choice:
    """The songs of the first of these splits that has any."""
    songs = corpus.manifest.domains[domain].songs
    for split in splits:
        if chosen := tuple(song for song in songs if song.split == split):
            return Choice(chosen, split)
    return Choice((), "")


def waveform(corpus: Corpus, song: SongRecord) -> np.ndarray:
    """A whole song, mono at the training loudness, float32 [samples]."""
    segments = [pcm[:valid] for pcm, valid in corpus.read(song)]
    return join(segments, *_layout(corpus, song)).astype(np.float32) / np.float32(PCM_SCALE)


def join(segments: list[np.ndarray], stride: int, samples: int, tolerance: int) -> np.ndarray:
    """Puts overlapping segments together.

    Args:
        segments: [samples] each; all but the last begin `stride` samples after each other.
        stride: samples.
        samples: of the whole, about; the last segment ends there.
        tolerance: by how much `samples` may be wrong; the overlap says what is right.
    """
    if len(segments) == 1:
        return segments[0]
    *before, last = segments
    joined = np.concatenate([segment[:stride] for segment in before[:-1]] + [before[-1]])
    expected = samples - len(last)
    starts = sorted(range(expected - tolerance, expected + tolerance + 1), key=lambda at: abs(at - expected))
    fits = (at for at in starts if at >= 0 and np.array_equal(joined[at:], last[: max(0, len(joined) - at)]))
    start = next(fits, expected)
    return np.concatenate([joined[:start], last])


def _layout(corpus: Corpus, song: SongRecord) -> tuple[int, int, int]:
    rate = corpus.spec.sample_rate
    stride = corpus.manifest.settings.segment_frames * corpus.spec.hop_length
    return stride, round(song.seconds * rate), round(_ROUNDED * rate)
