"""The training loop of every family: steps, logs, previews, measurements, checkpoints, and stopping well."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from pipelines import console
from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError
from pipelines.nn.translator import save_translator
from pipelines.training import watch
from pipelines.training.budget import Budget
from pipelines.training.cadence import Cadence
from pipelines.training.checkpoints import Checkpoints, all_finite, full_disk_explained
from pipelines.training.evaluation import Evaluation
from pipelines.training.interrupts import Interrupts
from pipelines.training.meter import Meter
from pipelines.training.protocol import Trainable
from pipelines.training.runs import Workdir
from pipelines.training.scores import CURVES
from pipelines.training.summaries import Summaries

Batches = Callable[[int], Iterable[Mapping[str, tf.Tensor]]]


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How training ended.

    Attributes:
        step: steps done in all.
        taken: of them, by this call.
        signal: the signal that stopped it early, None when the budget is spent.
    """

    step: int
    taken: int
    signal: int | None = None


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

    Raises:
        UserError: if a loss or weight is no longer a number, the disk is full, or no checkpoint fits.
    """
    loop = _Loop(model, workdir, spec, budget, cadence or Cadence(), clips, evaluation)
    return loop.run(batches)


class _Loop:
    def __init__(
        self,
        model: Any,
        workdir: Workdir,
        spec: AudioSpec,
        budget: Budget,
        cadence: Cadence,
        clips: Mapping[str, np.ndarray],
        evaluation: Evaluation | None,
    ) -> None:
        self._model, self._workdir, self._spec = model, workdir, spec
        self._budget, self._cadence = budget, cadence
        self._evaluation = evaluation if cadence.evaluation_steps else None
        self._checkpoints = Checkpoints(workdir.checkpoints, model)
        self._summaries = Summaries(workdir.logs, spec, clips)
        # Autograph would only cost time: a step is written in tensors, without loops over them.
        self._train_step = tf.function(model.train_step, autograph=False)
        self._preview_step = tf.function(model.preview, autograph=False)
        self._findings = watch.Log()
        self._fresh: list[dict[str, tf.Tensor]] = []
        self._means: list[dict[str, float]] = []

    def run(self, batches: Batches) -> Outcome:
        self._done = first = self._begin()
        if self._is_over():
            console.say(
                f"already finished: {first} steps of {self._budget} are done (a larger budget goes on)"
            )
            return Outcome(first, 0)
        self._meter = Meter(self._budget, first)
        with self._explained(), contextlib.closing(self._meter), Interrupts() as interrupts:
            if self._evaluation is not None:
                self._summaries.text(first, "about/scores_to_compare_with", self._evaluation.begin())
            for batch in batches(first):
                self._step(batch)
                if interrupts.received or self._is_over():
                    break
            self._end(interrupts.received)
        return Outcome(self._done, self._done - first, interrupts.received)

    def _explained(self) -> contextlib.AbstractContextManager[None]:
        return full_disk_explained(self._workdir.path, lambda: self._checkpoints.last_step)

    def _begin(self) -> int:
        restored = self._checkpoints.restore()
        if restored is None:
            record = self._workdir.record()
            settings = {"family": record.family, "seed": record.seed, **record.config}
            self._summaries.opening(settings, self._model.curves)
        else:
            console.say(f"going on from step {restored}")
        self._spent = float(self._checkpoints.seconds.numpy())
        self._started = time.monotonic() - self._spent
        return restored or 0

    def _step(self, batch: Mapping[str, tf.Tensor]) -> None:
        self._model.progress.assign(self._budget.progress(self._done, self._spent))
        self._fresh.append(self._train_step(batch))
        self._done += 1
        # Read once a step: were it read again, a checkpoint could disagree with the end that comes after it.
        self._spent = time.monotonic() - self._started
        for every, act in self._duties():
            if self._done % every == 0:
                act()

    def _duties(self) -> Iterator[tuple[int, Callable[[], None]]]:
        yield self._cadence.log_every, self._log
        yield from self._looks()
        # Last: a kill before it has all of the above done again by the run that goes on.
        yield self._cadence.checkpoint_every, self._save

    def _looks(self) -> Iterator[tuple[int, Callable[[], None]]]:
        yield self._cadence.summary_every, self._preview
        if self._evaluation is not None:
            yield self._cadence.evaluation_steps, functools.partial(self._evaluate, self._evaluation)

    def _end(self, signal: int | None) -> None:
        self._log()
        for every, look in self._looks():
            if signal is None and self._done % every:
                look()
        if self._checkpoints.last_step != self._done:
            self._save()
        self._summaries.close()

    def _log(self) -> None:
        """Reads the losses from the device: the only place where the loop waits for it."""
        if not self._fresh:
            return
        means = {
            name: float(np.mean([logs[name].numpy() for logs in self._fresh])) for name in self._fresh[0]
        }
        self._fresh = []
        self._means.append(means)
        step = self._done
        rate = self._meter.update(step, self._spent, means)
        self._summaries.scalars(step, means | {"run/steps_per_second": rate}, self._model.curves)
        self._require_finite(means)

    def _require_finite(self, means: Mapping[str, float]) -> None:
        broken = [name for name, value in means.items() if not math.isfinite(value)]
        if broken:
            self._stop_diverged(f"{', '.join(broken)} of the losses")

    def _stop_diverged(self, what: str) -> None:
        last = self._checkpoints.last_step
        kept = "nothing was saved yet" if last is None else f"the checkpoint of step {last} is good and kept"
        sentence = (
            f"step {self._done}: {what} became not a number; {kept}: train in a new --workdir with lower "
            "learning rates (--set)"
        )
        self._summaries.text(self._done, "watch/findings", sentence)
        raise UserError(sentence)

    def _preview(self) -> None:
        self._log()
        step = self._done
        outputs = self._preview_step(self._summaries.log_mels)
        self._summaries.preview(step, outputs)
        self._watch(step, outputs["translation"].numpy())

    def _watch(self, step: int, translation: np.ndarray) -> None:
        source, band = (self._summaries.log_mels[domain].numpy() for domain in ("content", "band"))
        measures = watch.measure(self._spec, source, translation, band)
        means = {
            name: float(np.mean([each[name] for each in self._means])) for name in (self._means or [{}])[0]
        }
        self._means = []
        found = watch.findings(measures, means, float(self._model.progress.numpy()))
        for sentence in self._findings.update(found):
            console.say(f"step {step}: {sentence}")
        self._summaries.scalars(step, watch.scalars(measures), watch.CURVES)
        self._summaries.text(step, "watch/findings", watch.as_markdown(found))

    def _evaluate(self, evaluation: Evaluation) -> None:
        self._log()
        self._summaries.scalars(self._done, evaluation(self._done, self._model, self._spec), CURVES)

    def _save(self) -> None:
        self._log()
        if not all_finite(self._model):
            self._stop_diverged("a weight")
        self._checkpoints.seconds.assign(self._spent)
        self._checkpoints.save()
        card = self._model.translator_card()
        save_translator(self._workdir.translator, self._model.translator, self._spec, card)

    def _is_over(self) -> bool:
        return self._budget.is_spent(self._done, self._spent)
