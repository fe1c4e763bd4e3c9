"""A model that translates the accompaniment of songs with a stem, and keeps their singers."""

from __future__ import annotations

import dataclasses

import numpy as np

from pipelines.evaluation.baselines import with_loudness_of
from pipelines.evaluation.clips import Clip
from pipelines.evaluation.results import Method
from pipelines.evaluation.systems import TrainedModel


@dataclasses.dataclass(frozen=True)
class SingerKept:
    """A trained translator of accompaniments; the voice is added as it is, as by `coverband translate`.

    Attributes:
        model: the translator.
    """

    model: TrainedModel

    @property
    def method(self) -> Method:
        """Row of the model with the singer kept."""
        return Method(
            f"{self.model.method.key}-singer-kept",
            f"{self.model.method.name}, singer kept",
            "model",
            f"{self.model.method.explanation} It translates the accompaniment; the singer stays.",
        )

    @property
    def identity(self) -> str:
        """The model's."""
        return self.model.identity

    def supports(self, clip: Clip) -> bool:
        """True if the clip has a stem."""
        return clip.voice is not None

    def translate(self, clip: Clip, index: int) -> np.ndarray:
        """The translation of the accompaniment at the accompaniment's loudness, and the voice."""
        assert clip.voice is not None
        source, voice = np.load(clip.source), np.load(clip.voice)
        accompaniment, rate = source - voice, self.model.sample_rate
        # A clip's source is at the training loudness.
        translation = self.model.convert(with_loudness_of(source, accompaniment, rate))
        return with_loudness_of(accompaniment, translation, rate) + voice
