"""Songs of a prepared data folder as whole waveforms."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from pipelines.data.corpus import Corpus
from pipelines.data.schema import PCM_SCALE, SongRecord
from pipelines.evaluation.voices import RecordedStem
from pipelines.stems.files import Role

_SECONDS_TOLERANCE = 0.001
"""Accuracy of `SongRecord.seconds`."""


@dataclasses.dataclass(frozen=True)
class SongSelection:
    """Songs of one domain and one split.

    Attributes:
        songs: may be empty.
        split: the split that they belong to; "" if there are no songs.
    """

    songs: tuple[SongRecord, ...]
    split: str


def select(corpus: Corpus, domain: str, *splits: str) -> SongSelection:
    """The songs of the first of these splits that has any."""
    songs = corpus.manifest.domains[domain].songs
    for split in splits:
        if selected := tuple(song for song in songs if song.split == split):
            return SongSelection(selected, split)
    return SongSelection((), "")


def with_stems(corpus: Corpus, domain: str) -> dict[SongRecord, RecordedStem | None]:
    """Songs of a domain with the stems that were prepared with them."""
    manifest = corpus.manifest.domains[domain]
    stems = {
        stem.stem_of: RecordedStem(stem.name, Role(stem.role), functools.partial(waveform, corpus, stem))
        for stem in manifest.stems
    }
    return {song: stems.get(song.name) for song in manifest.songs}


def waveform(corpus: Corpus, song: SongRecord) -> np.ndarray:
    """A whole song, mono at the training loudness, float32 [samples]."""
    segments = [pcm[:valid] for pcm, valid in corpus.read(song)]
    return join(segments, *_layout(corpus, song)).astype(np.float32) / np.float32(PCM_SCALE)


def join(segments: list[np.ndarray], stride: int, samples: int, tolerance: int) -> np.ndarray:
    """Concatenates overlapping segments of a song.

    Args:
        segments: [samples] each; all but the last start `stride` samples apart.
        stride: samples.
        samples: approximate length of the song, where the last segment ends.
        tolerance: largest error of `samples`; the overlap of the last two segments gives the exact length.
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
    """Stride, length and tolerance of a song's segments, in samples."""
    rate = corpus.spec.sample_rate
    stride = corpus.manifest.settings.segment_frames * corpus.spec.hop_length
    return stride, round(song.seconds * rate), round(_SECONDS_TOLERANCE * rate)
