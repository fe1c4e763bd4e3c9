"""Batch source of a run: this process, or the workers of a tf.data service."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator

from pipelines.data.batching import ALL_STEPS
from pipelines.data.corpus import Corpus
from pipelines.errors import UserError
from pipelines.training import addresses, data_service
from pipelines.training.data_service import Batch, Make
from pipelines.training.failures import NotYet
from pipelines.training.flags import TrainFlags
from pipelines.training.trainer import Batches

_AHEAD = 2
"""Batches that wait here."""
_POLL = 0.2
"""Seconds after which whoever waits may think of something else."""


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
    return lambda first: Feed(address, data_service.batches(address, make, first), wait)


class Feed(Iterator[Batch]):
    """Batches that another thread waits for: TensorFlow hears neither clocks nor Ctrl-C while it does."""

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
        except Exception as error:  # whoever asks for the next batch is told
            self._put(error)

    def _put(self, fetched: Batch | Exception) -> None:
        while not self._closed.is_set():
            try:
                return self._fetched.put(fetched, timeout=_POLL)
            except queue.Full:
                continue
