"""The songs that a translator is measured on while it trains."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from pipelines.audio.spec import AudioSpec
from pipelines.data.corpus import Corpus
from pipelines.data.excerpts import excerpts

SEGMENTS = 2
"""Length of an excerpt, in segments of the data: 12 seconds at the default spec."""
_SOURCES, _LEARNT, _REFERENCE = 4, 8, 12


@dataclasses.dataclass(frozen=True)
class ValidationSongs:
    """Fixed excerpts, mono float32 [samples] each.

    Attributes:
        spec: of all of them.
        sources: content songs to translate, of the valid split.
        content: content songs for the style classifier, of the valid split; none where the domain has no such
            split, for what a discriminator has seen is no judge of it.
        band: the band's, likewise.
        reference: the band's training songs: the style that is wanted.
    """

    spec: AudioSpec
    sources: Sequence[np.ndarray]
    content: Sequence[np.ndarray]
    band: Sequence[np.ndarray]
    reference: Sequence[np.ndarray]

    @classmethod
    def of(cls, corpus: Corpus, time_multiple: int) -> ValidationSongs:
        """The same ones at every call.

        Args:
            corpus: the data folder.
            time_multiple: the frames of the sources are multiples of this.
        """
        sources = excerpts(corpus, "content", "valid", count=_SOURCES, segments=SEGMENTS)
        whole = [_whole(corpus.spec, source, time_multiple) for source in sources]
        return cls(
            corpus.spec,
            [source for source in whole if len(source)],
            _unseen(corpus, "content"),
            _unseen(corpus, "band"),
            excerpts(corpus, "band", "train", count=_REFERENCE, segments=SEGMENTS),
        )


def _unseen(corpus: Corpus, domain: str) -> list[np.ndarray]:
    if all(song.split != "valid" for song in corpus.manifest.domains[domain].songs):
        return []
    return excerpts(corpus, domain, "valid", count=_LEARNT, segments=SEGMENTS)


def _whole(spec: AudioSpec, song: np.ndarray, multiple: int) -> np.ndarray:
    """The beginning of a song whose centred frames are a multiple."""
    frames = spec.frames(len(song)) // multiple * multiple
    return song[: spec.samples(frames)] if frames else song[:0]
