"""Batch source of a run: this process, or the workers of a tf.data service, with the same batches in order.

Steps are sharded over n workers: each prepares every n-th step (see `StepShard`). A service gives whichever
element is ready, or one of each worker in rotation ("coordinated reads"); only the second preserves an order.
Dynamic sharding assigns the step shards. Every batch comes with its step, so that a missing one is detected:
after the loss of a worker or of the dispatcher, the remaining workers start again at the first missing step.
"""

from __future__ import annotations

import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping

import tensorflow as tf
from tensorflow.data.experimental.service import ShardingPolicy, distribute

from pipelines import console
from pipelines.data.batching import ALL_STEPS, StepShard, options
from pipelines.data.corpus import Corpus
from pipelines.errors import UserError
from pipelines.training import addresses
from pipelines.training.failures import UNREADABLE, NotYet, reason
from pipelines.training.flags import TrainFlags
from pipelines.training.trainer import Batches

Batch = Mapping[str, tf.Tensor]
Make = Callable[[int, StepShard], tf.data.Dataset]
"""From the first step on, the batches of a step shard."""

_AHEAD = 2
"""Batches that wait here."""
_POLL = 0.2
"""Seconds of one wait, after which the caller can react to a signal."""
_ROUNDS = 2
"""Batches of so many rounds are kept until the one before them comes; then it is thought to be lost."""
_ASKED = 2
"""Batches that each worker is asked for before they are needed."""
_PAUSE = 1.0
"""Seconds between two beginnings."""


def require(flags: TrainFlags, corpus: Corpus) -> None:
    """Waits until the data service answers, if there is to be one.

    Raises:
        UserError: if it does not answer in time, or cannot read such data.
    """
    address, wait = flags.data_service, flags.worker_timeout
    if address is None:
        return
    if not corpus.is_serialisable:
        raise UserError(
            f"--data_service is for a data folder, {flags.data} are songs that only this process can decode: "
            "make a data folder with `coverband prepare`"
        )
    if not addresses.answers_within(address, wait):
        raise UserError(
            f"--data_service {address} has not answered within {wait:g} s: start it there, `coverband "
            f"data-worker --port {address.rpartition(':')[2]}`, or have --worker_timeout longer"
        )


def of(flags: TrainFlags, make: Make) -> Batches:
    """Batch source of a run: this process or a data service, with the same batches in the same order.

    Args:
        flags: of the run.
        make: gives the batches of a step shard from a step on.

    Returns:
        A function from the first step to the batches from that step on.
    """
    if flags.data_service is None:
        return lambda first: make(first, ALL_STEPS)
    address, wait = flags.data_service, flags.worker_timeout
    return lambda first: Feed(address, service_batches(address, make, first), wait)


class Feed(Iterator[Batch]):
    """Batches that another thread waits for: TensorFlow reacts to no timeout and no Ctrl-C meanwhile."""

    def __init__(self, address: str, batches: Iterator[Batch], wait: float) -> None:
        """Begins to fetch.

        Args:
            address: of whoever gives the batches, for the sentence if nothing comes.
            batches: used by the other thread alone.
            wait: seconds that a batch may take.
        """
        self._address, self._batches, self._wait = address, batches, wait
        self._fetched: queue.Queue[Batch | Exception] = queue.Queue(_AHEAD)
        self._closed = threading.Event()
        self._since: float | None = None
        # Not waited for at the end: while there is no worker it cannot be woken.
        threading.Thread(target=self._fetch, daemon=True).start()

    def __next__(self) -> Batch:
        """The next batch.

        Raises:
            NotYet: if it takes longer; ask again.
            UserError: if it takes too long, or cannot be read.
        """
        try:
            fetched = self._fetched.get(timeout=_POLL)
        except queue.Empty:
            self._require_patience()
            raise NotYet from None
        self._since = None
        if isinstance(fetched, Exception):
            raise fetched
        return fetched

    def close(self) -> None:
        """Fetches no more."""
        self._closed.set()

    def _require_patience(self) -> None:
        now = time.monotonic()
        if self._since is None:
            self._since = now
        if now - self._since > self._wait:
            raise UserError(
                f"the data service at {self._address} has given nothing for {self._wait:g} s: see whether "
                "its dispatcher and workers run, and go on with --resume"
            )

    def _fetch(self) -> None:
        try:
            for batch in self._batches:
                self._put(batch)
                if self._closed.is_set():
                    return
        except Exception as error:  # raised to the caller that asks for the next batch
            self._put(error)

    def _put(self, fetched: Batch | Exception) -> None:
        while not self._closed.is_set():
            try:
                return self._fetched.put(fetched, timeout=_POLL)
            except queue.Full:
                continue


def service_batches(address: str, make: Make, first: int) -> Iterator[Batch]:
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
