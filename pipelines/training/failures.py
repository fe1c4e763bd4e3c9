"""Failures of a training run, each explained in one sentence: unreadable songs, a full disk, no memory."""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import tensorflow as tf

from pipelines.errors import UserError

Batch = TypeVar("Batch")

UNREADABLE = (
    tf.errors.NotFoundError,
    tf.errors.PermissionDeniedError,
    tf.errors.DataLossError,
    tf.errors.InvalidArgumentError,
    tf.errors.OutOfRangeError,
)
"""Errors that TensorFlow raises for files that it cannot read."""

_OF_OURS = re.compile(rf"\b{UserError.__name__}: (.+)$", re.MULTILINE)
"""A sentence of ours that was raised in a Python function of tf.data."""
_OF_TENSORFLOW = re.compile(r"\{\{.*?\}\}|\[\[.*?\]\]|\[Op:.*?\]")

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FAILED = (errno.EROFS, errno.EIO)
_OUT_OF_MEMORY = ("out of memory", "resource_exhausted", "dst tensor is not initialized")
"""Words of TensorFlow and CUDA, in lower case, in errors of other types than ResourceExhaustedError."""


class NotYet(Exception):
    """Raised by an iterator whose next batch is not there yet, and that can be asked again."""


def songs_explained(batches: Iterator[Batch], stopped: Callable[[], bool] = lambda: False) -> Iterator[Batch]:
    """The same batches; files that were moved, removed or damaged meanwhile are reported in one sentence.

    Args:
        batches: of a `tf.data` pipeline, or an iterator that may say `NotYet`.
        stopped: whether no batch is wanted any more that is not there yet; then it ends.

    Raises:
        UserError: if the next batch cannot be read.
    """
    try:
        yield from _told(batches, stopped)
    finally:
        getattr(batches, "close", lambda: None)()


def _told(batches: Iterator[Batch], stopped: Callable[[], bool]) -> Iterator[Batch]:
    while True:
        try:
            batch = next(batches)
        except NotYet:
            if stopped():
                return
            continue
        except StopIteration:
            return
        except tf.errors.UnknownError as error:
            found = _OF_OURS.search(error.message)
            if found is None:
                raise
            raise UserError(f"{found[1]}; then go on with --resume") from error
        except UNREADABLE as error:
            raise UserError(
                f"the songs can no longer be read ({reason(error)}): put back what was moved, removed or "
                "changed, and go on with --resume"
            ) from error
        yield batch


def reason(error: tf.errors.OpError) -> str:
    """Message of a TensorFlow error on one line, without its references to operations."""
    return " ".join(_OF_TENSORFLOW.sub("", error.message).split())


@contextlib.contextmanager
def disk_explained(folder: Path, last_step: Callable[[], int | None]) -> Iterator[None]:
    """Turns the errors by which Python and TensorFlow report a disk that cannot be written into one sentence.

    Args:
        folder: of the run.
        last_step: returns the newest whole checkpoint's step when it is asked.

    Raises:
        UserError: naming the folder and what is intact.
    """
    try:
        yield
    except (OSError, tf.errors.OpError) as error:
        code = _disk_error(error)
        if code is None:
            raise
        what = "is full" if code in _FULL else f"fails ({os.strerror(code)})"
        then = "free some space" if code in _FULL else "mend it"
        disk = f"the disk that holds {_place(error, folder)}"
        raise UserError(f"{disk} {what}; {kept(last_step())}: {then} and go on with --resume") from error


@contextlib.contextmanager
def memory_explained(last_step: Callable[[], int | None], batch_size: int) -> Iterator[None]:
    """Turns the errors that say that a device or the machine is out of memory into one sentence.

    Args:
        last_step: returns the newest whole checkpoint's step when it is asked.
        batch_size: number of clips of a batch.

    Raises:
        UserError: naming what is kept, and the flags that need less memory.
    """
    try:
        yield
    except (MemoryError, tf.errors.OpError) as error:
        if not is_out_of_memory(error):
            raise
        then = "train a smaller --preset in a new --workdir"
        if batch_size > 1:
            smaller = f"--set data.batch_size={batch_size // 2} --gradient_accumulation_steps 2"
            then = f"train in a new --workdir with {smaller}, which averages the gradients of two batches"
        raise UserError(f"out of memory; {kept(last_step())}: {then}") from error


def is_out_of_memory(error: BaseException) -> bool:
    """True for an error of Python, TensorFlow or CUDA that could not allocate memory."""
    if isinstance(error, tf.errors.ResourceExhaustedError):
        return _disk_error(error) is None
    if isinstance(error, (tf.errors.InternalError, tf.errors.UnknownError)):
        return any(words in str(error).lower() for words in _OUT_OF_MEMORY)
    return isinstance(error, MemoryError)


def kept(last_step: int | None) -> str:
    """Sentence part on what of a run is safe.

    Args:
        last_step: of its newest whole checkpoint; None if it has none.
    """
    return "nothing was saved yet" if last_step is None else f"the checkpoint of step {last_step} is intact"


def _place(error: Exception, folder: Path) -> Path:
    """The folder of the file that an error names, if that is another one than the run's."""
    name = getattr(error, "filename", None)
    if not isinstance(name, str) or Path(name).resolve().is_relative_to(folder.resolve()):
        return folder
    return Path(name).parent


def _disk_error(error: Exception) -> int | None:
    """The number of an error of the disk; TensorFlow's errors have it as the system's words for it."""
    codes = (*_FULL, *_FAILED)
    if isinstance(error, OSError):
        return error.errno if error.errno in codes else None
    return next((code for code in codes if os.strerror(code) in str(error)), None)
