"""Batches that the workers of a tf.data service prepare, in the order that they would have here.

Steps are sharded over n workers: each prepares every n-th step (see `StepShard`). A service gives whichever
element is ready, or one of each worker in rotation ("coordinated reads"); only the second preserves an order.
Dynamic sharding assigns the step shards. Every batch comes with its step, so that a missing one is detected:
after the loss of a worker or of the dispatcher, the remaining workers start again at the first missing step.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping

import tensorflow as tf
from tensorflow.data.experimental.service import ShardingPolicy, distribute

from pipelines import console
from pipelines.data.batching import StepShard, options
from pipelines.errors import UserError
from pipelines.training.failures import UNREADABLE, reason

Batch = Mapping[str, tf.Tensor]
Make = Callable[[int, StepShard], tf.data.Dataset]
"""From the first step on, the batches of a step shard."""

_ROUNDS = 2
"""Batches of so many rounds are kept until the one before them comes; then it is thought to be lost."""
_ASKED = 2
"""Batches that each worker is asked for before they are needed."""
_PAUSE = 1.0
"""Seconds between two beginnings."""


def batches(address: str, make: Make, first: int) -> Iterator[Batch]:
    """The batches from a step on, without end; waits without end, too, while there is no worker.

    Args:
        address: of the service's dispatcher, "host:port".
        make: gives a dataset whose graph can run in another process.
        first: step.

    Raises:
        UserError: if the workers cannot read what they are to prepare.
    """
    step, failed = first, False
    while True:
        began = step
        try:
            for batch in _ordered(address, make, step):
                step += 1
                yield batch
        except tf.errors.OpError as error:
            # Once may be a dispatcher that was started again and knows of nothing.
            if failed and step == began and isinstance(error, UNREADABLE):
                raise UserError(
                    f"the data service cannot read the songs ({reason(error)}): its workers "
                    "need the data folder, and what is kept beside it, at the same path as here"
                ) from error
            failed = step == began
        time.sleep(_PAUSE)


def _ordered(address: str, make: Make, first: int) -> Iterator[Batch]:
    """The batches from a step on, until one is missing."""
    count, step = workers(address), first
    held: dict[int, Batch] = {}
    for number, batch in _served(address, _dealt(make, first, count), ShardingPolicy.DYNAMIC, _ASKED * count):
        held[int(number)] = batch
        while step in held:
            if step == first:
                console.say(f"{count} of the data service's workers prepare the batches from step {first} on")
            yield held.pop(step)
            step += 1
        if len(held) > _ROUNDS * count:
            return


def _dealt(make: Make, first: int, count: int) -> tf.data.Dataset:
    """Every worker's share, with the numbers of its steps; a worker takes one, for none has an end."""

    def share(number: tf.Tensor) -> tf.data.Dataset:
        step_shard = StepShard(number, count)
        return tf.data.Dataset.zip((step_shard.steps(first), make(first, step_shard)))

    return tf.data.Dataset.range(count).flat_map(share).with_options(options())


def workers(address: str) -> int:
    """Number of workers of a tf.data service; waits until there is at least one.

    Args:
        address: of the service's dispatcher, "host:port".
    """
    # Each counts from 0 on, and all are asked for the first number before any is asked for the second.
    numbers = _served(address, tf.data.Dataset.counter(), ShardingPolicy.OFF, 1)
    return next(index for index, number in enumerate(numbers) if int(number) > 0)


def _served(address: str, dataset: tf.data.Dataset, sharding: ShardingPolicy, ahead: int) -> tf.data.Dataset:
    """The workers' elements, one of each in rotation, some of them ahead."""
    return dataset.apply(
        distribute(
            sharding,
            f"grpc://{address}",
            job_name=uuid.uuid4().hex,
            consumer_index=0,
            num_consumers=1,
            max_outstanding_requests=ahead,
            compression=None,  # spectrograms hardly shrink
        )
    )
