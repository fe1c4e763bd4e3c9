"""Callback that saves and restores everything that changes while a model is trained, and its files."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf

from pipelines import console
from pipelines.errors import UserError
from pipelines.literal_path import literal
from pipelines.nn.model import BaseModel
from pipelines.training.callbacks.periodic import Periodic
from pipelines.training.failures import is_out_of_memory, kept

_VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"
"""Suffix that TensorFlow adds to the name of a variable in a checkpoint."""

_UNREADABLE = (tf.errors.OpError, ValueError, IndexError, RuntimeError, KeyError)

_PREFIX = "step"
_DRAFT = ".new"
_FILE = re.compile(rf"{_PREFIX}-(\d+)\.(?:index|data-(\d+)-of-(\d+))")
_TENSORFLOWS_INDEX = "checkpoint"
"""List of checkpoints by `tf.train.CheckpointManager`, which earlier versions used."""


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
        self.last_step = newest_step(folder)

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
            write_files(self._folder, self.step, self._write, self._keep)
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
            sweep(self._folder)
        steps = saved_steps(self._folder)
        for step in reversed(steps):
            if self._restored(step):
                self.last_step = self._acted = step
                console.say(f"going on from step {step}")
                return step
            path = prefix_of(self._folder, step)
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
            self._checkpoint().write(prefix_of(path, self.step))

    def _restored(self, step: int) -> bool:
        try:
            with literal(self._folder) as folder:
                prefix = prefix_of(folder, step)
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
                f"{prefix_of(self._folder, step)} is of a model with other variables, by "
                "another version of Coverband: train in a new --workdir"
            )


def all_finite(model: BaseModel) -> bool:
    """True if all values of all floating-point variables of a model and its optimizers are finite."""
    values = [variable.value for variable in model.state if "float" in str(variable.dtype)]
    return all(bool(tf.reduce_all(tf.math.is_finite(value))) for value in values)


def saved_steps(folder: Path) -> list[int]:
    """The steps that were written to their end, which is the index, rising; one that lacks shards is missed.

    Shards without an index are what a kill in the middle of `write_files` has left; it removes them.
    """
    return sorted(
        step for step, files in _files(folder).items() if any(file.suffix == ".index" for file in files)
    )


def newest_step(folder: Path) -> int | None:
    """The last step of which the index and every shard is there; None when there is none."""
    return max(_whole_steps(folder), default=None)


def prefix_of(folder: Path, step: int) -> str:
    """The path of a checkpoint as TensorFlow wants it: that of its files without their endings."""
    return str(folder / f"{_PREFIX}-{step}")


def write_files(folder: Path, step: int, save: Callable[[Path], None], keep: int) -> None:
    """Writes a checkpoint beside the others, the index last, and removes those that it makes superfluous.

    A kill leaves the earlier checkpoints, and files that `sweep` removes.

    Args:
        folder: of the checkpoints; made if it does not exist.
        step: of the new one; an old one of the same step is replaced.
        save: writes the checkpoint's files into a folder.
        keep: how many whole ones of up to this step stay.
    """
    draft = folder / _DRAFT
    sweep(folder)
    draft.mkdir(parents=True)
    try:
        save(draft)
        for file in sorted(draft.iterdir()):  # "data-..." is sorted before "index"
            os.replace(file, folder / file.name)
    finally:
        shutil.rmtree(draft, ignore_errors=True)  # On a full disk, half a checkpoint is room for others.
    _remove_older(folder, step, keep)
    (folder / _TENSORFLOWS_INDEX).unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Removes what a kill in the middle of `write_files`, or of an earlier version's, has left."""
    leftovers = [folder / _DRAFT, *folder.glob(f"{_PREFIX}-*_temp"), *folder.glob(f"{_PREFIX}-*.tempstate*")]
    for path in leftovers:
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _remove_older(folder: Path, step: int, keep: int) -> None:
    """Removes the files of all steps before the newest `keep` whole ones that are not after `step`."""
    stay = [each for each in _whole_steps(folder) if each <= step][-keep:]
    for old, files in _files(folder).items():
        if old < step and old not in stay:
            for file in files:
                file.unlink()


def _whole_steps(folder: Path) -> list[int]:
    return [step for step, files in sorted(_files(folder).items()) if _is_whole(files)]


def _files(folder: Path) -> dict[int, list[Path]]:
    found: dict[int, list[Path]] = {}
    for path in folder.iterdir() if folder.is_dir() else ():
        if match := _FILE.fullmatch(path.name):
            found.setdefault(int(match[1]), []).append(path)
    return found


def _is_whole(files: list[Path]) -> bool:
    shards: dict[int, set[int]] = {}
    index = False
    for match in (_FILE.fullmatch(file.name) for file in files):
        assert match is not None
        if match[2] is None:
            index = True
        else:
            shards.setdefault(int(match[3]), set()).add(int(match[2]))
    return index and any(len(found) == count for count, found in shards.items())
