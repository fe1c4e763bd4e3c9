"""What becomes of a run whose songs can no longer be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeVar

import tensorflow as tf

from pipelines.errors import UserError

Batch = TypeVar("Batch")

_UNREADABLE = (
    tf.errors.NotFoundError,
    tf.errors.PermissionDeniedError,
    tf.errors.DataLossError,
    tf.errors.InvalidArgumentError,
    tf.errors.OutOfRangeError,
)
_OF_TENSORFLOW = re.compile(r"\{\{.*?\}\}|\[\[.*?\]\]|\[Op:.*?\]")


def explained(batches: Iterator[Batch]) -> Iterator[Batch]:
    """The same batches; files that were moved, removed or damaged meanwhile are told of in one sentence.

    Args:
        batches: of a `tf.data` pipeline.

    Raises:
        UserError: if the next batch cannot be read.
    """
    while True:
        try:
            batch = next(batches)
        except StopIteration:
            return
        except _UNREADABLE as error:
            why = " ".join(_OF_TENSORFLOW.sub("", error.message).split())
            raise UserError(
                f"the songs can no longer be read ({why}): put back what was moved, removed or changed, "
                "and go on with --resume"
            ) from error
        yield batch
