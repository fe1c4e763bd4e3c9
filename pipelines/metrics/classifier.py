"""An independent judge of style: does a second sound like the band, or like other recordings?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from pipelines.errors import UserError


class StyleClassifier:
    """Logistic regression on standardised `style_statistics`; give it songs that no discriminator saw."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    @classmethod
    def fit(cls, content: Sequence[np.ndarray], band: Sequence[np.ndarray]) -> StyleClassifier:
        """Learns to tell two kinds of songs apart.

        Either kind counts half, however many songs it has, and its songs count the same, however long.

        Args:
            content: `style_statistics` of each content song, [seconds, d].
            band: of each of the band's songs.

        Raises:
            UserError: if either kind has no song with sound in it.
        """
        kinds = [_with_sound(content, "content"), _with_sound(band, "band")]
        seconds = np.concatenate([song for kind in kinds for song in kind])
        labels = np.repeat([0, 1], [sum(map(len, kind)) for kind in kinds])
        shares = [1 / (2 * len(kind) * len(song)) for kind in kinds for song in kind for _ in song]
        # They add up to the number of seconds, so that the penalty weighs what it does without weights.
        weights = len(seconds) * np.array(shares)
        pipeline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
        pipeline.fit(seconds, labels, logisticregression__sample_weight=weights)
        return cls(pipeline)

    def probability(self, statistics: np.ndarray) -> np.ndarray:
        """The probability of the band for every second.

        Args:
            statistics: `style_statistics`, [seconds, d].

        Returns:
            float64 [seconds].
        """
        if not len(statistics):
            return np.zeros(0)
        return self._pipeline.predict_proba(statistics)[:, 1]


def _with_sound(songs: Sequence[np.ndarray], kind: str) -> list[np.ndarray]:
    heard = [song for song in songs if len(song)]
    if not heard:
        raise UserError(
            f"the style classifier has no {kind} song with sound in it to learn from: add at least one "
            "to the songs that no model trains on"
        )
    return heard
