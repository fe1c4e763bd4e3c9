"""Errors of the disk and of the memory during training, as one sentence each."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import tensorflow as tf

from pipelines.errors import UserError

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FAILED = (errno.EROFS, errno.EIO)
_OUT_OF_MEMORY = ("out of memory", "resource_exhausted", "dst tensor is not initialized")
"""Words of TensorFlow and CUDA, in lower case, in errors of other types than ResourceExhaustedError."""


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
