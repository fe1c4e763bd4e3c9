"""Songs of the band that listeners compare with: those of the style reference, which no system plays."""

from __future__ import annotations

import functools

from pipelines.data.loader import open_corpus
from pipelines.evaluation import band, corpus_songs
from pipelines.evaluation.context import Context, WarningLog
from pipelines.evaluation.job import EvaluationConfig
from pipelines.evaluation.listening.writer import BandSong
from pipelines.evaluation.store import Store


class _Silent(WarningLog):
    """Log that prints nothing: the evaluation has issued the same warnings."""

    def __call__(self, sentence: str) -> None:
        """Ignores a sentence."""


def band_songs(config: EvaluationConfig) -> list[BandSong]:
    """Readers of the style reference's songs without those that "copy a band song" plays.

    If there is only one song of the band, it is both.

    Args:
        config: of the evaluation.

    Raises:
        UserError: if the data folder cannot be opened.
    """
    corpus = open_corpus(config.data)
    store = Store(config.out, corpus.spec.sample_rate)
    context = Context(corpus, store, (), config.jobs, _Silent())
    roles = band.assign_roles(context, paired=config.pairs is not None)
    unheard = [song for song in roles.reference if song not in roles.copied] or roles.reference
    return [functools.partial(corpus_songs.waveform, corpus, song) for song in unheard]
