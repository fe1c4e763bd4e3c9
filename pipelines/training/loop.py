"""The training loop of every model: steps, logs, looks, checkpoints, and stopping well."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np
import tensorflow as tf

from pipelines import console
from pipelines.errors import UserError
from pipelines.training import reading
from pipelines.training.budget import Budget
from pipelines.training.cadence import Cadence
from pipelines.training.checkpoints import Checkpoints, all_finite
from pipelines.training.devices import Devices
from pipelines.training.interrupts import Interrupts
from pipelines.training.meter import Meter
from pipelines.training.protocol import Learner, Observer
from pipelines.training.runs import Workdir
from pipelines.training.shortages import is_out_of_memory

Batches = Callable[[int], Iterable[Mapping[str, tf.Tensor]]]


@dataclasses.dataclass(frozen=True)
class Outcome:
    """Result of a call of `Loop.run`.

    Attributes:
        step: number of steps done in all.
        taken: number of steps done by this call.
        signal: number of the signal that stopped training early; None if the budget is spent.
    """

    step: int
    taken: int
    signal: int | None = None


class Loop:
    """Trains until the budget is spent or a signal comes, from the newest checkpoint on if there is one."""

    def __init__(
        self,
        model: Learner,
        workdir: Workdir,
        budget: Budget,
        cadence: Cadence,
        observer: Observer,
        devices: Devices | None = None,
    ) -> None:
        """Prepares; nothing runs yet.

        Args:
            model: see `Learner`.
            workdir: the run's folder, already started (see `Workdir.start`) and locked.
            budget: when to end.
            cadence: how often to log, preview, measure and save.
            observer: what looks at the model.
            devices: on which it was built; None for one.
        """
        self._model, self._workdir = model, workdir
        self._devices = devices or Devices()
        self._observer = observer
        self._budget, self._cadence = budget, cadence
        self._checkpoints = Checkpoints(workdir.checkpoints, model, writes=self._devices.is_chief)
        self._train = self._devices.steps(model)
        self._fresh: list[dict[str, tf.Tensor]] = []
        self._means: list[dict[str, float]] = []

    def run(self, batches: Batches) -> Outcome:
        """Trains.

        Args:
            batches: from the first step on, endless batches whose content is a function of the step alone.

        Raises:
            UserError: if a loss or weight is no longer a number, the disk is full, no checkpoint fits, or the
                songs can no longer be read.
        """
        self._done = first = self._begin()
        if self._is_over():
            console.say(
                f"already finished: {first} steps of {self._budget} are done (a larger budget goes on)"
            )
            self._observer.save()  # What was saved with the checkpoint may have been cut off since.
            return Outcome(first, 0)
        self._meter = Meter(self._budget, first)
        with (
            contextlib.closing(self._meter),
            Interrupts() as interrupts,
            self._saved_when_out_of_memory(),
        ):
            if self._cadence.evaluation_steps:
                self._observer.begin(first)
            console.say("tracing the training step: the first steps take longest")
            signal = self._all_steps(iter(batches(first)), interrupts)
            self._end(early=signal is not None)
        return Outcome(self._done, self._done - first, signal)

    def _all_steps(self, batches: Iterator[Mapping[str, tf.Tensor]], interrupts: Interrupts) -> int | None:
        """Trains until the budget is spent, or a signal comes: which one."""
        # One of several workers cannot stop alone.
        alone, signal = self._devices.cluster is None, None
        source = reading.explained(batches, lambda: alone and interrupts.received is not None)
        while not (signal or self._is_over()):
            wanted = self._at_once()
            fetched = self._fetched(source, wanted)
            if len(fetched) < wanted:
                return interrupts.received
            self._steps(fetched)
            signal = self._stopped_by(interrupts.received)
        return signal

    def _fetched(
        self, source: Iterator[Mapping[str, tf.Tensor]], count: int
    ) -> list[Mapping[str, tf.Tensor]]:
        """The next batches; fewer if it was stopped while none came."""
        try:
            return list(itertools.islice(source, count))
        except UserError:
            if self._devices.cluster is None:
                self._end(early=True)  # What was learnt is good.
            raise

    @contextlib.contextmanager
    def _saved_when_out_of_memory(self) -> Iterator[None]:
        """Saves what was learnt, if memory suffices for that, when it did not for what is inside.

        The weights may hold a part of the execution that failed: some of its steps, or some networks of one.
        All of it is done again all the same. To learn some batches twice is less of a loss than all the steps
        since the last checkpoint.
        """
        try:
            yield
        except (MemoryError, tf.errors.OpError) as error:
            if is_out_of_memory(error) and self._done not in (self._checkpoints.last_step, 0):
                self._fresh = []  # Reading the losses of a step that failed would fail again.
                self._model.step.assign(self._done)
                with contextlib.suppress(UserError, MemoryError, OSError, tf.errors.OpError):
                    self._save()
            raise

    def _begin(self) -> int:
        restored = self._checkpoints.restore()
        if restored is None:
            record = self._workdir.record()
            settings = {"family": record.family, "seed": record.seed, **record.config}
            self._observer.opening(settings, self._model.curves)
        else:
            console.say(f"going on from step {restored}")
        self._spent = float(self._checkpoints.seconds.numpy())
        self._started = time.monotonic() - self._spent
        return restored or 0

    def _at_once(self) -> int:
        """Steps of the next execution: so many that nothing is due between two of them, else one."""
        most = self._devices.execution.steps_per_execution
        until = [every - self._done % every for every, _ in self._duties()]
        if self._budget.steps is not None:
            until.append(self._budget.steps - self._done)
        return most if most <= min(until) else 1

    def _stopped_by(self, received: int | None) -> int | None:
        """The signal that ends training; several workers ask each other when they log, to stop together."""
        if self._devices.cluster is None:
            return received
        if self._done % self._cadence.log_every:
            return None
        return self._devices.highest(received or 0) or None

    def _steps(self, batches: Sequence[Mapping[str, tf.Tensor]]) -> None:
        progress = [self._budget.progress(self._done + i, self._spent) for i in range(len(batches))]
        self._fresh.append(self._train(batches, progress))
        self._done += len(batches)
        # Read once: were it read again, a checkpoint could disagree with the end that comes after it.
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
        if self._cadence.evaluation_steps:
            yield self._cadence.evaluation_steps, self._evaluate

    def _end(self, early: bool) -> None:
        self._log()
        if not early:
            console.say(
                f"step {self._done} was the last: its preview, its measurements and its checkpoint follow"
            )
        for every, look in self._looks():
            if not early and self._done % every:
                look()
        if self._checkpoints.last_step != self._done:
            self._save()
        self._observer.events.close()

    def _log(self) -> None:
        """Reads the losses from the device: the only place where the loop waits for it."""
        if not self._fresh:
            return
        means = {
            name: float(np.mean(np.concatenate([np.ravel(logs[name].numpy()) for logs in self._fresh])))
            for name in self._fresh[0]
        }
        self._fresh = []
        self._means.append(means)
        step = self._done
        rate = self._meter.update(step, self._spent, means)
        self._observer.events.scalars(step, means | {"run/steps_per_second": rate}, self._model.curves)
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
        self._observer.events.text(self._done, "watch/findings", sentence)
        raise UserError(sentence)

    def _preview(self) -> None:
        self._log()
        self._observer.preview(self._done, self._means)
        self._means = []

    def _evaluate(self) -> None:
        self._log()
        self._observer.evaluate(self._done)

    def _save(self) -> None:
        self._log()
        if not all_finite(self._model):
            self._stop_diverged("a weight")
        self._checkpoints.seconds.assign(self._spent)
        self._checkpoints.save()
        self._observer.save()

    def _is_over(self) -> bool:
        return self._budget.is_spent(self._done, self._spent)
