"""Style similarity of covers and a band, by timbre statistics that are not part of any training loss."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipelines.errors import UserError
from pipelines.metrics.classifier import StyleClassifier
from pipelines.metrics.frechet import kernel_audio_distance
from pipelines.metrics.statistics import NAMES, standardise, style_statistics
from pipelines.training.optional_metrics import OptionalMetrics
from pipelines.training.validation import ValidationSongs


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
