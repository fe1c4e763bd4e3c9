"""Everything that changes while a model trains, saved so that a resumed run equals an uninterrupted one."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from pipelines import console
from pipelines.errors import UserError
from pipelines.training.protocol import Learner

_PREFIX = "step"
_UNREADABLE = (tf.errors.OpError, ValueError, IndexError, RuntimeError, KeyError)


class Checkpoints:
    """The checkpoints of one run: the model (weights, optimizers, averages, pools, step) and the time spent.

    Attributes:
        seconds: wall clock spent in this run and those it resumed; a checkpointed float64 scalar.
    """

    def __init__(self, folder: Path, model: Learner, keep: int = 3, writes: bool = True) -> None:
        """Sets up the folder.

        Args:
            folder: where the checkpoints lie; made when the first one is saved.
            model: what to save; its optimizers are built.
            keep: the newest checkpoints that are kept.
            writes: False for one of several workers that only reads; another one writes.
        """
        _require_built(model)
        self._writes = writes
        self._folder, self._model = folder, model
        self.seconds = tf.Variable(0.0, dtype=tf.float64, trainable=False, name="seconds")
        self._checkpoint = tf.train.Checkpoint(model=model, seconds=self.seconds)
        # Keras hides some state from TensorFlow: seed generators of dropout layers, optimizers in a dict.
        self._checkpoint.rest = _untracked(self._checkpoint, model)
        self._manager = tf.train.CheckpointManager(
            self._checkpoint, str(folder), max_to_keep=keep, checkpoint_name=_PREFIX
        )

    @property
    def last_step(self) -> int | None:
        """The step of the newest checkpoint, None when there is none."""
        return _step_of(self._manager.latest_checkpoint) if self._manager.latest_checkpoint else None

    def save(self) -> None:
        """Saves now, under the model's step.

        Raises:
            UserError: if the disk is full; the earlier checkpoints are intact.
        """
        if not self._writes:
            return
        step = int(self._model.step.numpy())
        with full_disk_explained(self._folder, lambda: self.last_step):
            self._manager.save(checkpoint_number=step)

    def restore(self) -> int | None:
        """Restores the newest checkpoint that can be read.

        Returns:
            Its step, or None if nothing was ever saved.

        Raises:
            UserError: if none can be read, or it is of another model.
        """
        if self._writes:
            self._sweep()
        for path in reversed(self._manager.checkpoints):
            if self._restored(path):
                return int(self._model.step.numpy())
            console.say(f"{path} is damaged: going back to the checkpoint before it")
        if self._manager.checkpoints:
            raise UserError(f"no checkpoint in {self._folder} can be read: train in a new --workdir")
        return None

    def _restored(self, path: str) -> bool:
        try:
            self._checkpoint.restore(path).assert_consumed()
        except AssertionError as error:
            raise UserError(
                f"{path} is of a model with other variables, by another version of Coverband: "
                "train in a new --workdir"
            ) from error
        except _UNREADABLE:
            return False
        return True

    def _sweep(self) -> None:
        """Removes what a kill in the middle of saving left behind."""
        kept = {Path(path).name for path in self._manager.checkpoints}
        for file in self._folder.glob(f"{_PREFIX}-*"):
            if file.is_file() and file.name.partition(".")[0] not in kept:
                file.unlink()


@contextlib.contextmanager
def full_disk_explained(folder: Path, last_step: Callable[[], int | None]) -> Iterator[None]:
    """Turns the several ways in which TensorFlow says that the disk is full into one sentence.

    Args:
        folder: where is being written.
        last_step: gives the newest whole checkpoint's step when it is asked.

    Raises:
        UserError: naming the folder and what is intact.
    """
    try:
        yield
    except (OSError, tf.errors.OpError) as error:
        full = getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error)
        if not full:
            raise
        step = last_step()
        intact = "nothing was saved yet" if step is None else f"the checkpoint of step {step} is intact"
        raise UserError(
            f"the disk that holds {folder} is full; {intact}: free some space and go on with --resume"
        ) from error


def all_finite(model: Any) -> bool:
    """Whether every floating-point variable of a keras.Model is a number."""
    values = [variable.value for variable in model.variables if "float" in str(variable.dtype)]
    return all(bool(tf.reduce_all(tf.math.is_finite(value))) for value in values)


def _step_of(path: str) -> int:
    return int(path.rpartition("-")[2])


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
