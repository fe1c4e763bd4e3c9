"""Fixed excerpts of songs, the same at every call: short clips for validation, longer ones for evaluation."""

from __future__ import annotations

import numpy as np

from pipelines.data.corpus import Corpus
from pipelines.data.schema import DOMAINS, PCM_SCALE, SongRecord


def validation_clips(
    corpus: Corpus, *, frames: int, count: int, split: str = "valid"
) -> dict[str, np.ndarray]:
    """Validation clips of both domains, spread over the songs of a split and over each song's length.

    Args:
        corpus: the data folder, or folders of songs.
        frames: number of frames of the clips' *centred* features.
        count: number of clips of each domain.
        split: train, valid or test.

    Returns:
        {"content", "band"}: waveforms, float32 [count, spec.samples(frames)] in [-1, 1].

    Raises:
        UserError: if the segments are shorter than `frames`.
    """
    corpus.require_frames(frames)
    return {name: np.stack(_clips(corpus, name, split, frames, count)) for name in DOMAINS}


def excerpts(corpus: Corpus, domain: str, split: str, *, count: int, segments: int) -> list[np.ndarray]:
    """Excerpts of a domain, spread over the songs of a split and over each song's length.

    Args:
        corpus: the data folder, or folders of songs.
        domain: "content" or "band".
        split: train, valid or test; train where the domain is too small to have it.
        count: number of excerpts; fewer where the songs hold no more that do not overlap.
        segments: length of an excerpt in segments; less where a song is shorter.

    Returns:
        Mono waveforms, float32 [samples] each, in [-1, 1].
    """
    places = [
        (song, first, min(segments, _disjoint_segments(song) - first))
        for song in corpus.songs(domain, split)
        for first in range(0, max(1, _disjoint_segments(song) - segments + 1), segments)
    ]
    count = min(count, len(places))
    chosen = [places[int((index + 0.5) * len(places) / count)] for index in range(count)]
    return [_joined(corpus, *place) for place in chosen]


def middle_excerpt(corpus: Corpus, song: SongRecord, *, segments: int) -> np.ndarray:
    """Middle of a song as a mono waveform, float32 [samples] in [-1, 1].

    Args:
        corpus: the data folder, or folders of songs.
        song: of either domain.
        segments: length in segments; less where the song is shorter.
    """
    length = min(segments, _disjoint_segments(song))
    return _joined(corpus, song, (_disjoint_segments(song) - length) // 2, length)


def _clips(corpus: Corpus, domain: str, split: str, frames: int, count: int) -> list[np.ndarray]:
    songs, samples = corpus.songs(domain, split), corpus.spec.samples(frames)
    clips = []
    for index in range(count):
        song = songs[index % len(songs)]
        clips_of_song = -(-(count - index % len(songs)) // len(songs))
        segment = int((index // len(songs) + 0.5) / clips_of_song * song.segments)
        ((pcm, valid),) = corpus.read(song, segment, 1)
        start = max(0, valid - samples) // 2
        clips.append(_to_float(pcm[start : start + samples]))
    return clips


def _disjoint_segments(song: SongRecord) -> int:
    """Number of segments that do not overlap; the last of several overlaps the one before."""
    return max(1, song.segments - 1)


def _joined(corpus: Corpus, song: SongRecord, first: int, segments: int) -> np.ndarray:
    """Neighbouring segments as one waveform, without the samples that they share."""
    stride = corpus.segment_frames * corpus.spec.hop_length
    parts = [pcm[:valid] for pcm, valid in corpus.read(song, first, segments)]
    parts = [part[:stride] for part in parts[:-1]] + parts[-1:]
    return _to_float(np.concatenate(parts))


def _to_float(pcm: np.ndarray) -> np.ndarray:
    return pcm.astype(np.float32) / np.float32(PCM_SCALE)
