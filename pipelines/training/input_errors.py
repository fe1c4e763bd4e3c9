"""Input errors: explanations for a run whose songs can no longer be read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
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


class NotYet(Exception):
    """Raised by an iterator whose next batch is not there yet, and that can be asked again."""


def explained(batches: Iterator[Batch], stopped: Callable[[], bool] = lambda: False) -> Iterator[Batch]:
    """The same batches; files that were moved, removed or damaged meanwhile are told of in one sentence.

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
