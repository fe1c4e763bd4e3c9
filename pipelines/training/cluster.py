"""The machines of a multi-worker run, as the environment variable TF_CONFIG names them."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import socket
import sys
import time
from collections.abc import Iterator, Mapping

import tensorflow as tf

from pipelines import console
from pipelines.errors import UserError
from pipelines.training.addresses import answers

VARIABLE = "TF_CONFIG"
_BETWEEN = 0.2
_PAUSE = 2.0
"""Seconds that the others have to see that one is gone, before this one comes back."""

_LOST = (
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.FailedPreconditionError,
    tf.errors.InternalError,
    tf.errors.UnavailableError,
    tf.errors.UnknownError,
)
_EXAMPLE = '{"cluster": {"worker": ["host1:2222", "host2:2222"]}, "task": {"type": "worker", "index": 0}}'


@dataclasses.dataclass(frozen=True)
class Cluster:
    """Workers of a multi-worker run.

    Attributes:
        workers: address of each worker, "host:port"; the first one is the chief, the only one that writes.
        index: index of this worker in `workers`.
    """

    workers: tuple[str, ...]
    index: int

    @classmethod
    def of_environment(cls, environment: Mapping[str, str] = os.environ) -> Cluster:
        """Reads TF_CONFIG.

        Raises:
            UserError: if it is missing, or does not say who trains.
        """
        try:
            config = json.loads(environment[VARIABLE])
            workers, task = tuple(config["cluster"]["worker"]), config["task"]
            if task["type"] != "worker" or set(config["cluster"]) != {"worker"}:
                raise ValueError
            if not all(str(worker).rpartition(":")[2].isdigit() for worker in workers):
                raise ValueError
            return cls(workers, range(len(workers))[task["index"]])
        except (KeyError, ValueError, TypeError, IndexError) as error:
            raise UserError(
                f"--strategy multiworker: {VARIABLE} does not say which workers there are and which of them "
                f"this one is; set it on each of them, as {VARIABLE}='{_EXAMPLE}'"
            ) from error

    @property
    def is_chief(self) -> bool:
        """True if this worker is the chief, which writes checkpoints, networks and logs."""
        return self.index == 0

    def gather(self, seconds: float) -> None:
        """Waits until all workers are there.

        TensorFlow would wait without end, and react to no timeout and no Ctrl-C meanwhile.

        Args:
            seconds: to wait at most.

        Raises:
            UserError: if one does not come, or this one's port is not free.
        """
        missing = [name for i, name in enumerate(self.workers) if i != self.index]
        end = time.monotonic() + seconds
        console.say(f"worker {self.index} of {len(self.workers)} waits for the others, {seconds:g} s at most")
        with self._listening():
            while missing := [name for name in missing if not answers(name)]:
                if time.monotonic() > end:
                    raise UserError(
                        f"the worker at {' and '.join(missing)} has not come within {seconds:g} s: start it "
                        f"with the same command and its own index in {VARIABLE}, or have --worker_timeout "
                        "longer"
                    )
                time.sleep(_BETWEEN)

    def _listening(self) -> socket.socket:
        """Answers those who look for this worker, until TensorFlow does."""
        address = self.workers[self.index]
        try:
            return socket.create_server(("", int(address.rpartition(":")[2])))
        except OSError as error:
            raise UserError(
                f"{VARIABLE} says that this worker is {address}, a port that cannot be used "
                f"({error.strerror}): name another one on all workers"
            ) from error

    @contextlib.contextmanager
    def together(self, begun: bool = True) -> Iterator[None]:
        """Around what is done together: if a worker is lost, this process begins again, to meet it anew.

        What TensorFlow knows of the lost one's process cannot be mended. The new process waits for all
        workers as the first did, and goes on from the last checkpoint.

        Args:
            begun: whether there is a run to resume.
        """
        try:
            yield
        except _LOST as error:
            console.say(
                f"another worker is gone ({type(error).__name__}): start it again, with --resume; this one "
                "goes on from the last checkpoint when it is there"
            )
            time.sleep(_PAUSE)
            command = [sys.executable, *sys.orig_argv[1:]]
            resume = ["--resume"] if begun and "--resume" not in command else []
            os.execv(sys.executable, [*command, *resume])
