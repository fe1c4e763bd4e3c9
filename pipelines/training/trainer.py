"""Training loop, which drives the same step and the same callbacks as `keras.Model.fit`.

`fit` cannot train on several workers and resumes epochs; this loop resumes steps.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import keras
import tensorflow as tf

from pipelines import console
from pipelines.errors import UserError
from pipelines.nn.model import BaseModel
from pipelines.training.callbacks.checkpoint import Checkpoint
from pipelines.training.callbacks.limits import Interrupts, Limit
from pipelines.training.distribution import Devices
from pipelines.training.failures import is_out_of_memory, songs_explained

Batches = Callable[[int], Iterable[Mapping[str, tf.Tensor]]]
"""Function from a step to endless batches from that step on, whose content depends on the step alone."""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """Result of `Trainer.fit`.

    Attributes:
        step: number of steps done in all.
        taken: number of steps done by this call.
        signal: number of the signal that stopped training early; None if the budget is spent.
    """

    step: int
    taken: int
    signal: int | None = None


class Trainer:
    """Trains a model until its limit is reached or a signal comes, from the newest checkpoint on."""

    def __init__(
        self,
        model: BaseModel,
        *,
        limit: Limit,
        checkpoint: Checkpoint,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        devices: Devices | None = None,
    ) -> None:
        """Prepares; nothing is restored or traced yet.

        Args:
            model: built inside `devices.building()`; compiled here if it is not yet.
            limit: budget of the run.
            checkpoint: restores and saves the run.
            callbacks: everything else that happens between two steps, in this order; the checkpoint is
                saved after them, so that a run that is killed before repeats them.
            devices: None for one device.
        """
        self._model, self._limit, self._checkpoint = model, limit, checkpoint
        self._devices = devices or Devices()
        self._interrupts = Interrupts(self._devices)
        self._callbacks = [self._interrupts, limit, *callbacks, checkpoint]
        if not model.optimizers:
            with self._devices.building():
                model.compile()
        self._train = self._devices.steps(model)
        self._done = 0

    def fit(self, batches: Batches) -> Outcome:
        """Trains.

        Args:
            batches: see `Batches`.

        Raises:
            UserError: if a loss or weight is not finite, the disk is full, no checkpoint fits, or the songs
                can no longer be read.
        """
        model = self._model
        for callback in self._callbacks:
            callback.set_model(model)
        self._checkpoint.restore()
        self._done = first = int(model.step.numpy())
        self._limit.start()
        if self._limit.is_reached:
            console.say(f"already finished: {first} steps are done (a larger budget goes on)")
            # The one that was saved with the checkpoint may be damaged since.
            self._checkpoint.save_network()
            return Outcome(first, 0)
        model.stop_training = False
        with self._interrupts, self._saved_when_out_of_memory():
            self._call("on_train_begin")
            console.say("tracing the training step: the first steps take longest")
            self._steps(iter(batches(first)))
            self._end()
        return Outcome(self._done, self._done - first, self._interrupts.received)

    def _steps(self, batches: Iterator[Mapping[str, tf.Tensor]]) -> None:
        alone = self._devices.cluster is None  # One of several workers cannot stop alone.
        source = songs_explained(batches, lambda: alone and self._interrupts.received is not None)
        while not self._model.stop_training:
            wanted = self._steps_at_once()
            fetched = self._fetched(source, wanted)
            if len(fetched) < wanted:
                return
            logs = self._train(fetched)
            self._done += len(fetched)
            self._call("on_train_batch_end", self._done - 1, logs)

    def _fetched(
        self, source: Iterator[Mapping[str, tf.Tensor]], count: int
    ) -> list[Mapping[str, tf.Tensor]]:
        """The next batches; fewer if training was stopped while none came."""
        try:
            return list(itertools.islice(source, count))
        except UserError:
            if self._devices.cluster is None:
                self._checkpoint.on_train_end()
            raise

    def _steps_at_once(self) -> int:
        """Steps of the next execution: several if no callback acts between two of them, else one."""
        most = self._devices.execution.steps_per_execution
        intervals = [every for each in self._callbacks if (every := getattr(each, "every", 0))]
        until = [every - self._done % every for every in intervals]
        if (last := self._limit.budget.steps) is not None:
            until.append(last - self._done)
        return most if most <= min(until, default=1) else 1

    def _end(self) -> None:
        interrupted = self._interrupts.received is not None
        if not interrupted:
            console.say(f"step {self._done} was the last: its preview, its scores and its checkpoint follow")
        for callback in self._callbacks:
            if not interrupted or getattr(callback, "when_interrupted", True):
                callback.on_train_end()

    def _call(self, hook: str, *arguments: object) -> None:
        for callback in self._callbacks:
            getattr(callback, hook)(*arguments)

    @contextlib.contextmanager
    def _saved_when_out_of_memory(self) -> Iterator[None]:
        """Saves a checkpoint, if memory suffices for that, when it did not suffice for the block.

        The weights may be those of a part of the execution that failed: of some of its steps, or of some
        networks of one. All of it is repeated. To train on some batches twice loses less than all steps since
        the last checkpoint.
        """
        try:
            yield
        except (MemoryError, tf.errors.OpError) as error:
            if is_out_of_memory(error) and self._done not in (self._checkpoint.last_step, 0):
                self._model.step.assign(self._done)
                with contextlib.suppress(UserError, MemoryError, OSError, tf.errors.OpError):
                    self._checkpoint.save()
            raise
