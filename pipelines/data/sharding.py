"""Steps that are dealt out to several who prepare batches at the same time."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf


class Turn(NamedTuple):
    """Whose steps batches are for, where several take turns.

    Attributes:
        number: of this one, from 0 on; int64 scalar.
        of: how many take turns.
    """

    number: int | tf.Tensor = 0
    of: int = 1

    def steps(self, first: int) -> tf.data.Dataset:
        """The steps of this one, where the turns begin at step `first`: int64 scalars without end."""
        return tf.data.Dataset.range(first + self.number, tf.int64.max, self.of)

    def takes(self, step: tf.Tensor, first: int) -> tf.Tensor:
        """True if a step, not before `first`, belongs to this turn: bool scalar."""
        return (step - first) % self.of == self.number


EVERY = Turn()
"""All steps."""
