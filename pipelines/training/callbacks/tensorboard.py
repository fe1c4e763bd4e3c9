"""Callbacks that log to TensorBoard: scalars, previews of fixed clips, and reports at the end of a run."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from pipelines import configuration, console
from pipelines.data.corpus import Corpus
from pipelines.errors import UserError
from pipelines.training import domain_probe, health_checks, style_latents
from pipelines.training.callbacks.checkpoint import Checkpoint
from pipelines.training.callbacks.limits import Limit
from pipelines.training.callbacks.periodic import Periodic
from pipelines.training.summaries import Events, Summaries

_HIDDEN = ("learning_rate",)
"""Groups of scalars that the progress bar leaves out."""
_SHOWN = 4


class Scalars(Periodic):
    """Callback that logs the mean of every scalar since the last log, and checks that it is finite.

    Only here are losses read from the device.
    """

    def __init__(
        self,
        events: Events,
        every: int = 10,
        *,
        settings: Mapping[str, Any] | None = None,
        limit: Limit | None = None,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        """Prepares.

        Args:
            events: event files of the run.
            every: steps between two points of a curve.
            settings: of the run, logged once; those of the model if None.
            limit: of the run, for the progress bar; no bar if None.
            checkpoint: of the run, for the sentence if a loss is not finite.
        """
        super().__init__(every)
        self._events, self._settings, self._limit, self._checkpoint = events, settings, limit, checkpoint
        self._fresh: list[Mapping[str, Any]] = []
        self._means: list[dict[str, float]] = []

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Logs the settings and the metric descriptions of a new run; draws the progress bar."""
        step = self.step
        if not step:
            settings = self._settings or configuration.to_dict(self.model.config)
            self._events.opening(settings, self.model.metric_descriptions)
        self._last, self._time = step, time.monotonic()
        steps = self._limit.budget.steps if self._limit else None
        self._bar = console.progress(steps or step + 1, "training", unit="step") if self._limit else None
        if self._bar is not None:
            self._bar.initial = self._bar.n = step  # tqdm counts the speed from `initial` on.

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Collects the scalars of a step."""
        self._fresh.append(dict(logs or {}))
        super().on_train_batch_end(batch, logs)

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Logs what was not logged yet."""
        super().on_train_end(logs)
        self.close()

    def close(self) -> None:
        """Draws the progress bar for the last time."""
        if self._bar is not None:
            self._bar.close()

    def act(self, step: int) -> None:
        """Logs the means.

        Raises:
            UserError: if one is not finite.
        """
        if not self._fresh:
            return
        values = {name: [np.ravel(np.asarray(logs[name])) for logs in self._fresh] for name in self._fresh[0]}
        means = {name: float(np.mean(np.concatenate(each))) for name, each in values.items()}
        self._fresh = []
        self._means.append(means)
        now = time.monotonic()
        rate = (step - self._last) / max(now - self._time, 1e-9)
        self._move_bar(step, rate, means)
        self._last, self._time = step, now
        self._events.scalars(step, means | {"run/steps_per_second": rate}, self.model.metric_descriptions)
        self._require_finite(step, means)

    def recent(self) -> dict[str, float]:
        """Means of the scalars since the last call."""
        logs, self._means = self._means, []
        return {name: float(np.mean([each[name] for each in logs])) for name in (logs or [{}])[0]}

    def _move_bar(self, step: int, rate: float, means: Mapping[str, float]) -> None:
        if self._bar is None or self._limit is None:
            return
        self._bar.total = self._limit.budget.total_steps(step, float(self._limit.seconds.numpy()), rate)
        self._bar.set_postfix_str(brief(means), refresh=False)
        self._bar.update(step - self._last)

    def _require_finite(self, step: int, means: Mapping[str, float]) -> None:
        broken = [name for name, value in means.items() if not math.isfinite(value)]
        if not broken:
            return
        what = f"{', '.join(broken)} of the losses"
        sentence = (
            self._checkpoint.diverged(what)
            if self._checkpoint
            else f"step {step}: {what} became not a number"
        )
        self._events.text(step, "health/findings", sentence)
        raise UserError(sentence)


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


class Reports(keras.callbacks.Callback):
    """Callback that writes final reports to TensorBoard, of what the model has.

    They are the songs' style latents in the projector and an interpolation between two styles of a model with
    a `style_encoder`, and the domain leakage of one with `content_codes`.
    """

    when_interrupted = False

    def __init__(self, logs: Path, data: Corpus, clips: Mapping[str, np.ndarray]) -> None:
        """Prepares.

        Args:
            logs: TensorBoard's folder of the run.
            data: opened data folder.
            clips: see `pipelines.data.excerpts.validation_clips`.
        """
        super().__init__()
        self._logs, self._data, self._clips = logs, data, clips

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Writes the reports."""
        model, multiple = self.model, self.model.frame_geometry[1]
        with model.averaged():
            if hasattr(model, "style_encoder"):
                console.say(
                    "writing the songs' style latents, and an interpolation between styles, for TensorBoard"
                )
                style_latents.project(self._logs, self._data, model.style_encoder, multiple)
                style_latents.interpolate(self._logs, self._data, model, self._clips)
            if hasattr(model, "content_codes"):
                console.say("measuring the domain leakage of the content codes")
                self._write(domain_probe.measure(self._data, model.content_codes, multiple))

    def _write(self, found: domain_probe.Leakage) -> None:
        console.say(str(found))
        events = Events(self._logs)
        scalars = {"domain_probe/codes": found.codes, "domain_probe/log_mel": found.log_mel}
        events.scalars(int(self.model.step.numpy()), scalars, domain_probe.METRIC_DESCRIPTIONS)
        events.close()


def brief(means: Mapping[str, float]) -> str:
    """Scalars on one line: the mean of each group (the name before a slash), without learning rates."""
    groups: dict[str, list[float]] = {}
    for name, value in means.items():
        groups.setdefault(name.partition("/")[0], []).append(value)
    shown = [(name, np.mean(values)) for name, values in groups.items() if name not in _HIDDEN]
    return ", ".join(f"{name} {value:.3g}" for name, value in shown[:_SHOWN])
