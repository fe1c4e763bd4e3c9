"""Songs of the band that listeners compare with: those of the style reference, which no row copies."""

from __future__ import annotations

import functools

from pipelines.data.loader import open_corpus
from pipelines.evaluation import band, corpus_songs
from pipelines.evaluation.context import Context, WarningLog
from pipelines.evaluation.job import EvaluationConfig, read_clips
from pipelines.evaluation.listening.writer import BandSong
from pipelines.evaluation.store import Store


class _Silent(WarningLog):
    """Log that prints nothing: the evaluation has issued the same warnings."""

    def __call__(self, sentence: str) -> None:
        """Ignores a sentence."""


def band_songs(config: EvaluationConfig) -> list[BandSong]:
    """Readers of the style reference's songs; "copy a band song" plays none of them.

    Args:
        config: of the evaluation.

    Raises:
        UserError: if the data folder or the songs cannot be used.
    """
    corpus = open_corpus(config.data)
    store = Store(config.out, corpus.spec.sample_rate)
    context = Context(corpus, store, (), config.jobs, _Silent())
    # The roles of the band's songs depend on the clips.
    roles = band.assign_roles(context, read_clips(context, config), config.seconds)
    store.clear_waveforms()
    return [functools.partial(corpus_songs.waveform, corpus, song) for song in roles.reference]
