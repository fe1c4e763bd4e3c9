"""Recordings of the band that the baseline "copy a band song" returns, another one for each clip.

Copies that repeat each other would not be a sample of the band's style: the kernel distance of a distribution
to itself would not be zero.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np

from pipelines.data.corpus import Corpus
from pipelines.data.schema import SongRecord
from pipelines.evaluation import corpus_songs
from pipelines.evaluation.clips import Clip

Reader = Callable[[], np.ndarray]
"""Reads a recording at the training loudness, float32 [samples]."""


def recordings(corpus: Corpus, songs: Sequence[SongRecord], clips: Sequence[Clip]) -> dict[str, Reader]:
    """Recordings of the band by the key of the clip; no two clips have the same samples.

    A clip with a truth has the truth of another clip, which is another song of the band, held out from
    training. If there is no other, or the clip has none, it has a song of the data folder; where there are
    fewer songs than such clips, it has a stretch of one, and stretches do not overlap.

    Args:
        corpus: the data folder.
        songs: of the band, which may be copied.
        clips: of the evaluation.
    """
    remaining = without_other_truth(clips)
    paired = [clip for clip in clips if clip not in remaining]
    # Half of the clips further, since neighbours may be parts of one song.
    shift = len(paired) // 2
    copies = {
        clip.key: functools.partial(_load, paired[(number + shift) % len(paired)])
        for number, clip in enumerate(paired)
    }
    return {**copies, **_stretches(corpus, songs, remaining)}


def without_other_truth(clips: Sequence[Clip]) -> list[Clip]:
    """Clips that cannot copy the truth of another clip."""
    paired = [clip for clip in clips if clip.truth is not None]
    return [clip for clip in clips if clip not in paired] if len(paired) > 1 else list(clips)


def summary(songs: Sequence[SongRecord], clips: Sequence[Clip]) -> str:
    """Number and origin of the copied recordings, for the settings of the report."""
    truths = len(clips) - len(without_other_truth(clips))
    parts = [f"{truths} truths of other songs"] if truths else []
    parts += [f"{len(songs)} songs of the data folder"] if songs or not truths else []
    return ", ".join(parts)


def _load(clip: Clip) -> np.ndarray:
    assert clip.truth is not None
    return np.load(clip.truth)


def _stretches(corpus: Corpus, songs: Sequence[SongRecord], clips: Sequence[Clip]) -> dict[str, Reader]:
    """Stretches of songs by the key of the clip, the longer songs for the longer clips."""
    ordered = sorted(clips, key=lambda clip: clip.seconds)
    copies: dict[str, Reader] = {}
    for number, song in enumerate(sorted(songs, key=lambda song: song.seconds)):
        of_song = ordered[number :: len(songs)]
        for part, clip in enumerate(of_song):
            copies[clip.key] = functools.partial(_stretch, corpus, song, part, len(of_song))
    return copies


def _stretch(corpus: Corpus, song: SongRecord, part: int, parts: int) -> np.ndarray:
    """One of several equal stretches of a song."""
    waveform = corpus_songs.waveform(corpus, song)
    return waveform[len(waveform) * part // parts : len(waveform) * (part + 1) // parts]
