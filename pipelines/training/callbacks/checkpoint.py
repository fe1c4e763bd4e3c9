"""Callback that saves and restores everything that changes while a model is trained."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf

from pipelines import console
from pipelines.errors import UserError
from pipelines.literal_path import literal
from pipelines.nn.model import BaseModel
from pipelines.training import checkpoint_files
from pipelines.training.callbacks.periodic import Periodic
from pipelines.training.failures import is_out_of_memory, kept

_VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"
"""What TensorFlow adds to the name of a variable in a checkpoint."""

_UNREADABLE = (tf.errors.OpError, ValueError, IndexError, RuntimeError, KeyError)


class Checkpoint(Periodic):
    """Callback that saves the model (weights, optimizers, averages, step), and the network that others use.

    A resumed run equals an uninterrupted one.

    Attributes:
        last_step: step of the newest checkpoint: the one that was restored or saved, at first the newest
            whole one in the folder; None if there is none.
    """

    def __init__(
        self,
        folder: Path,
        every: int,
        *,
        save_network: Callable[[], None] = lambda: None,
        extra: Mapping[str, tf.Variable] | None = None,
        keep: int = 3,
        writes: bool = True,
    ) -> None:
        """Looks for checkpoints.

        Args:
            folder: of the checkpoints; made when the first one is saved.
            every: steps between two checkpoints.
            save_network: writes the network that others use, by the model's averaged weights.
            extra: further variables of a checkpoint, by name.
            keep: number of checkpoints that are kept.
            writes: False on workers other than the chief, which only restore.
        """
        super().__init__(every)
        self._folder, self._save_network, self._extra = folder, save_network, dict(extra or {})
        self._keep, self._writes = keep, writes
        self.last_step = checkpoint_files.newest(folder)

    def act(self, step: int) -> None:
        """Saves."""
        self.save()

    def save(self) -> None:
        """Saves a checkpoint under the model's step, and the network; a kill leaves the earlier ones whole.

        Raises:
            UserError: if a weight is not finite.
        """
        if not all_finite(self.model):
            raise UserError(self.diverged("a weight"))
        if self._writes:
            checkpoint_files.write(self._folder, self.step, self._write, self._keep)
            self.last_step = self.step
            self.save_network()

    def save_network(self) -> None:
        """Writes the network that others use."""
        if self._writes:
            with self.model.averaged():
                self._save_network()

    def diverged(self, what: str) -> str:
        """Sentence on values that are not finite, with what is intact."""
        return (
            f"step {self.step}: {what} became not a number; {kept(self.last_step)}: train in a new --workdir "
            "with lower learning rates (--set)"
        )

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Restores the newest checkpoint, if the model is untrained."""
        if not self.step:
            self.restore()

    def restore(self) -> int | None:
        """Restores the newest checkpoint that can be read.

        Returns:
            Its step, or None if there is none.

        Raises:
            UserError: if none can be read, or it is of another model.
        """
        if self._writes:
            checkpoint_files.sweep(self._folder)
        steps = checkpoint_files.steps(self._folder)
        for step in reversed(steps):
            if self._restored(step):
                self.last_step = self._acted = step
                console.say(f"going on from step {step}")
                return step
            path = checkpoint_files.prefix(self._folder, step)
            console.say(f"{path} is damaged: going back to the checkpoint before it")
        if steps:
            raise UserError(f"no checkpoint in {self._folder} can be read: train in a new --workdir")
        return None

    def _checkpoint(self) -> tf.train.Checkpoint:
        # By position: Keras keeps some variables where TensorFlow's tracking does not find them.
        state = {f"{i:05}": variable.value for i, variable in enumerate(self.model.state)}
        return tf.train.Checkpoint(**state, **self._extra)

    def _write(self, folder: Path) -> None:
        with literal(folder) as path:
            self._checkpoint().write(checkpoint_files.prefix(path, self.step))

    def _restored(self, step: int) -> bool:
        try:
            with literal(self._folder) as folder:
                prefix = checkpoint_files.prefix(folder, step)
                self._require_same_variables(step, dict(tf.train.list_variables(prefix)))
                self._checkpoint().read(prefix).assert_consumed()
        except _UNREADABLE as error:
            if is_out_of_memory(error):
                raise
            return False
        return True

    def _require_same_variables(self, step: int, stored: Mapping[str, Sequence[int]]) -> None:
        shapes = {f"{i:05}": list(variable.shape) for i, variable in enumerate(self.model.state)}
        shapes |= {name: list(variable.shape) for name, variable in self._extra.items()}
        if {f"{name}{_VALUE}": shape for name, shape in shapes.items()} != {
            name: list(shape) for name, shape in stored.items() if name.endswith(_VALUE)
        }:
            raise UserError(
                f"{checkpoint_files.prefix(self._folder, step)} is of a model with other variables, by "
                "another version of Coverband: train in a new --workdir"
            )


def all_finite(model: BaseModel) -> bool:
    """True if all values of all floating-point variables of a model and its optimizers are finite."""
    values = [variable.value for variable in model.state if "float" in str(variable.dtype)]
    return all(bool(tf.reduce_all(tf.math.is_finite(value))) for value in values)
