"""Base class of callbacks that act every so many steps."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from typing import Any

import keras


class Periodic(keras.callbacks.Callback, abc.ABC):
    """Callback that calls `act` every so many training steps and after the last one.

    Steps are those of the model (`BaseModel.step`), not of an epoch.

    Attributes:
        every: steps between two calls; 0 for none.
    """

    when_interrupted = True
    """True if `act` is also called at the end of a training that a signal has stopped."""

    def __init__(self, every: int) -> None:
        """Sets the interval.

        Args:
            every: see the class.
        """
        super().__init__()
        self.every = every
        self._acted: int | None = None

    @property
    def step(self) -> int:
        """Training steps done."""
        return int(self.model.step.numpy())

    @abc.abstractmethod
    def act(self, step: int) -> None:
        """Action at a step."""

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Calls `act` when it is due."""
        if self.every and (step := self.step) % self.every == 0:
            self._act(step)

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Calls `act`, unless it was called after the last step already."""
        if self.every and (step := self.step) != self._acted and step:
            self._act(step)

    def _act(self, step: int) -> None:
        self._acted = step
        self.act(step)
