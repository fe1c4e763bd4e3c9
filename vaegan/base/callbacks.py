"""Callback of the base's training: error of translations in the validation split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf

from pipelines.training.callbacks.periodic import Periodic
from pipelines.training.summaries import Events
from vaegan.base.model import Base
from vaegan.base.pairs import Pairs
from vaegan.losses import METRIC_DESCRIPTIONS

_BATCHES, _PAIRS = 8, 16


class PairErrors(Periodic):
    """Callback that logs the error of translations between ensembles and tunes that are not trained on."""

    when_interrupted = False

    def __init__(self, pairs: Pairs, events: Events, every: int = 500) -> None:
        """Draws the pairs.

        Args:
            pairs: of the validation split.
            events: event files of the run.
            every: steps between two measurements.
        """
        super().__init__(every)
        chance = np.random.default_rng(0)
        self._drawn: Sequence[Mapping[str, np.ndarray]] = [
            pairs.draw(chance, _PAIRS) for _ in range(_BATCHES)
        ]
        self._events = events

    def act(self, step: int) -> None:
        """Logs the error."""
        with self.model.averaged():
            value = error(self.model, self._drawn)
        self._events.scalars(step, {"valid/pixels": value}, METRIC_DESCRIPTIONS)


def error(model: Base, drawn: Sequence[Mapping[str, np.ndarray]]) -> float:
    """Mean absolute error of translations of unperturbed content, log-mel units."""
    errors = [float(model.pair_error({name: tf.constant(x) for name, x in each.items()})) for each in drawn]
    return float(np.mean(errors))
