"""Style classifier: probability that a second of audio is the band's, independent of any discriminator."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from pipelines.errors import UserError


class StyleClassifier:
    """Logistic regression on standardised `style_statistics`.

    Train it on held-out songs, on which no discriminator is trained.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        """Wraps a fitted pipeline of scaler and classifier."""
        self._pipeline = pipeline

    @classmethod
    def fit(cls, content: Sequence[np.ndarray], band: Sequence[np.ndarray]) -> StyleClassifier:
        """Trains a classifier of two domains.

        Both domains have the same total weight, and so have all songs of a domain, whatever their length.

        Args:
            content: `style_statistics` of each content song, [seconds, d].
            band: likewise, of each of the band's songs.

        Raises:
            UserError: if either domain has no song that is not silent.
        """
        domains = [_without_silence(content, "content"), _without_silence(band, "band")]
        seconds = np.concatenate([song for songs in domains for song in songs])
        labels = np.repeat([0, 1], [sum(map(len, songs)) for songs in domains])
        shares = [1 / (2 * len(songs) * len(song)) for songs in domains for song in songs for _ in song]
        # The weights sum to the number of seconds, so the penalty is as strong as without weights.
        weights = len(seconds) * np.array(shares)
        pipeline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
        pipeline.fit(seconds, labels, logisticregression__sample_weight=weights)
        return cls(pipeline)

    def probability(self, statistics: np.ndarray) -> np.ndarray:
        """Probability of the band for every second.

        Args:
            statistics: `style_statistics`, [seconds, d].

        Returns:
            float64 [seconds].
        """
        if not len(statistics):
            return np.zeros(0)
        return self._pipeline.predict_proba(statistics)[:, 1]


def _without_silence(songs: Sequence[np.ndarray], domain: str) -> list[np.ndarray]:
    audible = [song for song in songs if len(song)]
    if not audible:
        raise UserError(
            f"the style classifier has no {domain} song with sound in it: add at least one to the held-out "
            "songs"
        )
    return audible
