"""Evaluator of a translator on fixed validation songs, without trained weights or randomness, in seconds."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from pipelines.audio.features import stft_to_log_mel
from pipelines.audio.inversion import GriffinLim
from pipelines.audio.spec import AudioSpec
from pipelines.audio.stft import stft
from pipelines.data.corpus import Corpus
from pipelines.data.excerpts import excerpts
from pipelines.errors import UserError
from pipelines.metrics.classifier import StyleClassifier
from pipelines.metrics.content import SAMPLE_RATE, onset_f1
from pipelines.metrics.distances import chroma_similarity
from pipelines.metrics.frechet import kernel_audio_distance
from pipelines.metrics.statistics import NAMES, resampled, standardise, style_statistics
from pipelines.numba_cache import compile_librosa
from pipelines.training.scores import OptionalMetrics, summarised

SEGMENTS = 2
"""Length of an excerpt, in segments of the data: 12 seconds at the default spec."""
_SOURCES, _LEARNT, _REFERENCE = 4, 8, 12

_CONTENT = {"content/chroma_to_source": chroma_similarity, "content/onset_f1": onset_f1}


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
        whole = [_whole_multiple(corpus.spec, source, time_multiple) for source in sources]
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


def _whole_multiple(spec: AudioSpec, song: np.ndarray, multiple: int) -> np.ndarray:
    """The beginning of a song whose centred frames are a multiple."""
    frames = spec.frames(len(song)) // multiple * multiple
    return song[: spec.samples(frames)] if frames else song[:0]


class Evaluator:
    """Measures a translator; draws no random numbers and changes no weight.

    Attributes:
        source: what the sources themselves score, as if the translator changed nothing.
        band: what the band's validation songs score in style; empty where there are none.
    """

    def __init__(self, songs: ValidationSongs, translator: Callable[[tf.Tensor], tf.Tensor]) -> None:
        """Measures everything that stays the same.

        Args:
            songs: what to measure it on.
            translator: log-mel [batch, frames, n_mels, 1] -> log-mel; its weights may change.
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


class StyleSimilarity:
    """Timbre statistics of the band's training songs, and a style classifier of the validation songs."""

    def __init__(self, songs: ValidationSongs) -> None:
        """Measures the songs and fits the classifier, once.

        Args:
            songs: see `ValidationSongs`.
        """
        rate = songs.spec.sample_rate
        content, band = (
            [style_statistics(song, rate) for song in kind] for kind in (songs.content, songs.band)
        )
        self._reference = statistics_of(songs.reference, rate)
        self._unseen_band = band
        self._classifier = StyleClassifier.fit(content, band) if content and band else None

    def scores(self, statistics: np.ndarray, optional: OptionalMetrics) -> dict[str, float]:
        """The style's scores by name, without those that cannot be measured.

        Args:
            statistics: `style_statistics` of the covers, [seconds, d].
            optional: reports those.
        """
        kad = optional("style/kad", lambda: self._kad(statistics))
        return kad | optional("style/p_band", lambda: self._p_band(statistics))

    def scores_of_band(self, optional: OptionalMetrics) -> dict[str, float]:
        """Scores of the band's own validation songs by name; empty if there are no such songs."""
        songs = self._unseen_band
        return self.scores(np.concatenate(songs), optional) if songs else {}

    def _kad(self, statistics: np.ndarray) -> float:
        wanted = self._reference
        return kernel_audio_distance(standardise(statistics, wanted), standardise(wanted, wanted))

    def _p_band(self, statistics: np.ndarray) -> float:
        if self._classifier is None:
            raise UserError(
                "a classifier of style needs songs that training leaves out, so two or more of either kind: "
                "add songs and run `coverband prepare` again"
            )
        if not len(statistics):
            raise UserError("the covers are silent")
        return float(self._classifier.probability(statistics).mean())


def statistics_of(songs: Sequence[np.ndarray], sample_rate: int) -> np.ndarray:
    """`style_statistics` of several songs, joined: [seconds, d], no rows when all is silent."""
    parts = [style_statistics(song, sample_rate) for song in songs]
    return np.concatenate([np.zeros((0, len(NAMES))), *parts])
