"""Callbacks that end training: a budget of steps or minutes, Ctrl-C and SIGTERM."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Mapping
from types import FrameType, TracebackType
from typing import Any

import keras
import tensorflow as tf

from pipelines import console
from pipelines.training.config import Budget
from pipelines.training.distribution import Devices


class Limit(keras.callbacks.Callback):
    """Callback that stops training when its budget is spent.

    The budget also scales the schedules: `total_steps` of the model is the budget's, or, of a budget of
    minutes, what the speed so far leads to expect.

    Attributes:
        budget: of the run and its resumptions together.
        seconds: wall clock spent in them, float64 scalar; part of a checkpoint.
    """

    def __init__(self, budget: Budget) -> None:
        """Sets the budget."""
        super().__init__()
        self.budget = budget
        self.seconds = tf.Variable(0.0, dtype=tf.float64, trainable=False, name="seconds")
        self._started: float | None = None

    @property
    def is_reached(self) -> bool:
        """True if the budget is spent."""
        return self.budget.is_spent(int(self.model.step.numpy()), float(self.seconds.numpy()))

    def start(self) -> None:
        """Starts the clock, from the seconds of a restored checkpoint on."""
        self._started = time.monotonic() - float(self.seconds.numpy())
        if self.budget.steps is not None:
            self.model.total_steps.assign(self.budget.steps)

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Starts the clock, if it was not."""
        if self._started is None:
            self.start()

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Reads the clock; stops training when the budget is spent."""
        assert self._started is not None
        # Read once: a second reading could disagree with the one that a checkpoint holds.
        seconds = time.monotonic() - self._started
        self.seconds.assign(seconds)
        step = int(self.model.step.numpy())
        if self.budget.minutes is not None:
            self.model.total_steps.assign(self.budget.total_steps(step, seconds, step / max(seconds, 1e-9)))
        if self.budget.is_spent(step, seconds):
            self.model.stop_training = True


class Interrupts(keras.callbacks.Callback):
    """Callback that stops training after the step in which the first Ctrl-C or SIGTERM comes.

    A context manager, which sets the handlers; the second signal acts as without it.

    Attributes:
        received: number of the signal; None so far.
    """

    SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self, devices: Devices | None = None, every: int = 10) -> None:
        """Prepares.

        Args:
            devices: of the run; several workers agree on stopping, so that they stop at the same step.
            every: steps between two such agreements.
        """
        super().__init__()
        self._devices = devices or Devices()
        self.every = every if self._devices.cluster is not None else 0
        self.received: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interrupts:
        # Python lets only the main thread set handlers; elsewhere the caller's own apply.
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._receive) for number in self.SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._restore()

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Stops training if a signal has come."""
        if self.every:
            if int(self.model.step.numpy()) % self.every:
                return
            self.received = self._devices.highest(self.received or 0) or None
        if self.received is not None:
            self.model.stop_training = True

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self.received = number
        self._restore()
        console.say("stopping after this step, to save; once more stops at once, without saving")

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}
