"""Everything that changes while a model trains, saved so that a resumed run equals an uninterrupted one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from pipelines import console
from pipelines.errors import UserError
from pipelines.literal_path import literal
from pipelines.training import checkpoint_files
from pipelines.training.protocol import Learner
from pipelines.training.shortages import is_out_of_memory

_UNREADABLE = (tf.errors.OpError, ValueError, IndexError, RuntimeError, KeyError)


class Checkpoints:
    """The checkpoints of one run: the model (weights, optimizers, averages, pools, step) and the time spent.

    Attributes:
        seconds: wall clock spent in this run and those it resumed; a checkpointed float64 scalar.
        last_step: of the newest checkpoint: the one that was restored or saved, at first the newest whole one
            that is there; None when there is none.
    """

    def __init__(self, folder: Path, model: Learner, keep: int = 3, writes: bool = True) -> None:
        """Looks for checkpoints.

        Args:
            folder: where the checkpoints lie; made when the first one is saved.
            model: what to save; its optimizers are built.
            keep: the newest checkpoints that are kept.
            writes: False for one of several workers that only reads; another one writes.
        """
        _require_built(model)
        self._folder, self._model, self._keep, self._writes = folder, model, keep, writes
        self.seconds = tf.Variable(0.0, dtype=tf.float64, trainable=False, name="seconds")
        self._checkpoint = tf.train.Checkpoint(model=model, seconds=self.seconds)
        # Keras hides some state from TensorFlow: seed generators of dropout layers, optimizers in a dict.
        self._checkpoint.rest = _untracked(self._checkpoint, model)
        _ = self._checkpoint.save_counter  # TensorFlow makes it when asked; earlier versions saved it.
        self.last_step = checkpoint_files.newest(folder)

    def save(self) -> None:
        """Saves now, under the model's step; a kill leaves the earlier checkpoints whole."""
        if self._writes:
            step = int(self._model.step.numpy())
            checkpoint_files.write(self._folder, step, self._write, self._keep)
            self.last_step = step

    def restore(self) -> int | None:
        """Restores the newest checkpoint that can be read.

        Returns:
            Its step, or None if nothing was ever saved to its end.

        Raises:
            UserError: if none can be read, or it is of another model.
        """
        if self._writes:
            checkpoint_files.sweep(self._folder)
        there = checkpoint_files.steps(self._folder)
        for step in reversed(there):
            if self._restored(step):
                self.last_step = step
                return step
            path = checkpoint_files.prefix(self._folder, step)
            console.say(f"{path} is damaged: going back to the checkpoint before it")
        if there:
            raise UserError(f"no checkpoint in {self._folder} can be read: train in a new --workdir")
        return None

    def _write(self, folder: Path) -> None:
        with literal(folder) as path:
            self._checkpoint.write(checkpoint_files.prefix(path, int(self._model.step.numpy())))

    def _restored(self, step: int) -> bool:
        try:
            with literal(self._folder) as folder:
                self._checkpoint.restore(checkpoint_files.prefix(folder, step)).assert_consumed()
        except AssertionError as error:
            path = checkpoint_files.prefix(self._folder, step)
            raise UserError(
                f"{path} is of a model with other variables, by another version of Coverband: "
                "train in a new --workdir"
            ) from error
        except _UNREADABLE as error:
            if is_out_of_memory(error):
                raise
            return False
        return True


def all_finite(model: Any) -> bool:
    """True if all values of all floating-point variables of a keras.Model are finite."""
    values = [variable.value for variable in model.variables if "float" in str(variable.dtype)]
    return all(bool(tf.reduce_all(tf.math.is_finite(value))) for value in values)


def _optimizers(model: Any) -> list[keras.optimizers.Optimizer]:
    values: list[Any] = list(vars(model).values())
    for value in list(values):
        if isinstance(value, dict):
            values += list(value.values())
        elif isinstance(value, (list, tuple)):
            values += list(value)
    return [value for value in values if isinstance(value, keras.optimizers.Optimizer)]


def _require_built(model: Any) -> None:
    """An optimizer without its moments yet would silently not get them back (Keras 3)."""
    for optimizer in _optimizers(model):
        if not optimizer.built:
            raise ValueError(
                f"build {optimizer.name} on its variables in the constructor of {type(model).__name__}"
            )


def _untracked(checkpoint: tf.train.Checkpoint, model: Any) -> list[tf.Variable]:
    """The variables that Keras knows and TensorFlow's checkpoint would miss, in Keras's order."""
    seen = {id(node) for node in tf.train.TrackableView(checkpoint).descendants()}
    optimizers: Iterable[Any] = (v for optimizer in _optimizers(model) for v in optimizer.variables)
    missed: dict[int, tf.Variable] = {}
    for variable in (*model.variables, *optimizers):
        if id(variable) not in seen and id(variable.value) not in seen:
            missed.setdefault(id(variable.value), variable.value)
    return list(missed.values())
