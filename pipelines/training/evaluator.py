"""Evaluator of a translator on fixed validation songs, without trained weights or randomness, in seconds."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf

from pipelines.audio.features import stft_to_log_mel
from pipelines.audio.inversion import GriffinLim
from pipelines.audio.stft import stft
from pipelines.errors import UserError
from pipelines.metrics.content import SAMPLE_RATE, onset_f1
from pipelines.metrics.distances import chroma_similarity
from pipelines.metrics.statistics import resampled
from pipelines.numba_cache import compile_librosa
from pipelines.training.optional_metrics import OptionalMetrics
from pipelines.training.scores import summarised
from pipelines.training.style_similarity import StyleSimilarity, statistics_of
from pipelines.training.validation import ValidationSongs

_CONTENT = {"content/chroma_to_source": chroma_similarity, "content/onset_f1": onset_f1}


class Evaluator:
    """Measures a translator; draws no random numbers and changes no weight.

    Attributes:
        source: what the sources themselves score, as if the translator changed nothing.
        band: what the band's validation songs score in style; empty where there are none.
    """

    def __init__(self, songs: ValidationSongs, translator: keras.Model) -> None:
        """Measures everything that stays the same.

        Args:
            songs: what to measure it on.
            translator: log-mel to log-mel; its weights may change from call to call.
        """
        compile_librosa()
        self._songs, self._translator = songs, translator
        self._optional, self._style = OptionalMetrics(), StyleSimilarity(songs)
        self._sources = [resampled(song, songs.spec.sample_rate, SAMPLE_RATE) for song in songs.sources]
        # Lengths differ where songs are short; one graph does for all of them.
        signature = [tf.TensorSpec([1, None], tf.float32)]
        self._cover = tf.function(self._translated, input_signature=signature, autograph=False)
        source = self._measured(self._sources)
        self._source_kad = source.get("style/kad")
        self.source = self._summarised(source)
        self.band = self._summarised(self._style.scores_of_band(self._optional))

    def __call__(self) -> dict[str, float]:
        """The scores of the translator as it is now, without those that cannot be measured here."""
        covers = [self._cover(song[None])[0].numpy() for song in self._songs.sources]
        rate = self._songs.spec.sample_rate
        return self._summarised(self._measured([resampled(cover, rate, SAMPLE_RATE) for cover in covers]))

    def _measured(self, covers: Sequence[np.ndarray]) -> dict[str, float]:
        """The scores of covers of the sources, in their order, at `content.SAMPLE_RATE`."""
        values: dict[str, float] = {}
        for name, similarity in _CONTENT.items():
            values |= self._optional(name, functools.partial(_mean, similarity, self._sources, covers))
        return values | self._style.scores(statistics_of(covers, SAMPLE_RATE), self._optional)

    def _summarised(self, values: dict[str, float]) -> dict[str, float]:
        return values | summarised(values, self._source_kad, self._optional)

    def _translated(self, waveform: tf.Tensor) -> tf.Tensor:
        """A cover of a waveform, both [1, samples], with the source's phase."""
        spec = self._songs.spec
        spectra = stft(spec, waveform)
        log_mel = self._translator(stft_to_log_mel(spec, spectra))
        clean = tf.clip_by_value(tf.where(tf.math.is_finite(log_mel), log_mel, -1.0), -1.0, 1.0)
        return GriffinLim(spec)(clean, source_stft=spectra, length=tf.shape(waveform)[1])


def _mean(
    similarity: Callable[[np.ndarray, np.ndarray, int], float],
    sources: Sequence[np.ndarray],
    covers: Sequence[np.ndarray],
) -> float:
    if not sources:
        raise UserError("no content song is long enough: add longer ones and run `coverband prepare` again")
    return float(np.mean([similarity(*pair, SAMPLE_RATE) for pair in zip(sources, covers, strict=True)]))
