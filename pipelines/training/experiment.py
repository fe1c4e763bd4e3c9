"""Training of translators: the loop, and what looks at a translator while it learns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from pipelines import console
from pipelines.audio.inversion import Inverter
from pipelines.audio.spec import AudioSpec
from pipelines.training import watch
from pipelines.training.budget import Budget
from pipelines.training.cadence import Cadence
from pipelines.training.devices import Devices
from pipelines.training.evaluation import Evaluation
from pipelines.training.loop import Batches, Loop, Outcome
from pipelines.training.nobody import Nobody
from pipelines.training.protocol import Trainable
from pipelines.training.runs import Workdir
from pipelines.training.saving import save_model
from pipelines.training.scores import CURVES
from pipelines.training.summaries import Summaries


def train(
    model: Trainable,
    batches: Batches,
    *,
    workdir: Workdir,
    spec: AudioSpec,
    budget: Budget,
    clips: Mapping[str, np.ndarray],
    cadence: Cadence | None = None,
    evaluation: Evaluation | None = None,
    inverter: Inverter | None = None,
    devices: Devices | None = None,
) -> Outcome:
    """Trains until the budget is spent or a signal comes, from the newest checkpoint on if there is one.

    Args:
        model: see `Trainable`.
        batches: from the first step on, batches without end whose content is a function of the step alone.
        workdir: the run's folder, already started (see `Workdir.start`) and locked.
        spec: of the log-mels.
        budget: when to end.
        clips: fixed validation clips, "content" and "band", waveforms float32 [count, samples].
        cadence: how often to log, preview, measure and save.
        evaluation: measures the translator; None for no measurements.
        inverter: makes previews audible; None for Griffin-Lim.
        devices: on which the model was built; None for one.

    Raises:
        UserError: if a loss or weight is no longer a number, the disk is full, or no checkpoint fits.
    """
    devices = devices or Devices()
    if not devices.is_chief:
        return Loop(model, workdir, budget, cadence or Cadence(), Nobody(), devices).run(batches)
    observer = _Observer(model, workdir, spec, clips, evaluation, inverter)
    return Loop(model, workdir, budget, cadence or Cadence(), observer, devices).run(batches)


class _Observer:
    """Shows translations of fixed clips, watches them, measures and keeps the translator."""

    def __init__(
        self,
        model: Trainable,
        workdir: Workdir,
        spec: AudioSpec,
        clips: Mapping[str, np.ndarray],
        evaluation: Evaluation | None,
        inverter: Inverter | None,
    ) -> None:
        self._model, self._workdir, self._spec, self._evaluation = model, workdir, spec, evaluation
        self.events = self._summaries = Summaries(workdir.logs, spec, clips, inverter)
        self._preview_step = tf.function(model.preview, autograph=False)
        self._findings = watch.Log()

    def opening(self, settings: Mapping[str, Any], curves: Mapping[str, str]) -> None:
        self._summaries.opening(settings, curves)

    def begin(self, step: int) -> None:
        if self._evaluation is not None:
            self._summaries.text(step, "about/scores_to_compare_with", self._evaluation.begin())

    def preview(self, step: int, means: Sequence[Mapping[str, float]]) -> None:
        outputs = self._preview_step(self._summaries.log_mels)
        self._summaries.preview(step, outputs)
        self._watch(step, outputs["translation"].numpy(), means)

    def _watch(self, step: int, translation: np.ndarray, logs: Sequence[Mapping[str, float]]) -> None:
        source, band = (self._summaries.log_mels[domain].numpy() for domain in ("content", "band"))
        measures = watch.measure(self._spec, source, translation, band)
        means = {name: float(np.mean([each[name] for each in logs])) for name in (logs or [{}])[0]}
        progress = float(self._model.progress.numpy())
        found = watch.findings(measures, means, self._model.remedies, step, progress)
        for sentence in self._findings.update(found):
            console.say(f"step {step}: {sentence}")
        self._summaries.scalars(step, watch.scalars(measures), watch.CURVES)
        self._summaries.text(step, "watch/findings", watch.as_markdown(found))

    def evaluate(self, step: int) -> None:
        if self._evaluation is not None:
            self._summaries.scalars(step, self._evaluation(step, self._model, self._spec), CURVES)

    def save(self) -> None:
        save_model(self._workdir.translator, self._model, self._spec)
