"""Callback that translates fixed clips, logs them to TensorBoard and checks them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from pipelines import console
from pipelines.training import health_checks
from pipelines.training.callbacks.periodic import Periodic
from pipelines.training.callbacks.scalars import Scalars
from pipelines.training.summaries import Summaries


class Previews(Periodic):
    """Callback that logs translations of the validation clips, as audio and images, and health checks."""

    when_interrupted = False

    def __init__(self, summaries: Summaries, every: int = 500, *, scalars: Scalars | None = None) -> None:
        """Prepares.

        Args:
            summaries: event files, with the clips.
            every: steps between two previews.
            scalars: for the health checks of the losses; these are left out if None.
        """
        super().__init__(every)
        self._summaries, self._scalars = summaries, scalars
        self._findings = health_checks.Log()
        self._translate: Any = None

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Logs the reference audio of a new run."""
        self._translate = tf.function(self.model.preview, autograph=False)
        if not self.step:
            self._summaries.reference()

    def act(self, step: int) -> None:
        """Logs the translations and what is found in them."""
        with self.model.averaged():
            outputs = self._translate(self._summaries.log_mels)
        self._summaries.preview(step, outputs)
        source, band = (self._summaries.log_mels[domain].numpy() for domain in ("content", "band"))
        measures = health_checks.measure(self.model.config.spec, source, outputs["translation"].numpy(), band)
        means = self._scalars.recent() if self._scalars else {}
        progress = float(self.model.progress)
        found = health_checks.findings(measures, means, self.model.remedies, step, progress)
        for sentence in self._findings.update(found):
            console.say(f"step {step}: {sentence}")
        self._summaries.scalars(step, health_checks.scalars(measures), health_checks.METRIC_DESCRIPTIONS)
        self._summaries.text(step, "health/findings", health_checks.as_markdown(found))
