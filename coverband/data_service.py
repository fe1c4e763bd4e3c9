"""Dispatcher and workers of a tf.data service, which run until they are stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Iterator
from types import FrameType

from tensorflow.data.experimental import service

from pipelines import console
from pipelines.errors import UserError
from pipelines.training import addresses

_LOCAL = ("localhost", "127.0.0.1", "[::1]")
_HEARTBEAT_MS = 1_000
_LOST_MS = 10_000
"""Time without a heartbeat until a worker counts as lost, and without a client until a job ends."""
_POLL = 0.2


def run_dispatcher(port: int) -> None:
    """Runs the dispatcher, which assigns work to the workers, until SIGINT or SIGTERM.

    Raises:
        UserError: if the port is taken.
    """
    _require_free(port)
    with _serving():
        server = service.DispatchServer(
            service.DispatcherConfig(
                port=port,
                worker_timeout_ms=_LOST_MS,
                job_gc_check_interval_ms=_HEARTBEAT_MS,
                job_gc_timeout_ms=_LOST_MS,
            )
        )
        console.say(f"the dispatcher listens: start workers with --dispatcher {socket.gethostname()}:{port}")
    del server


def run_worker(dispatcher: str, host: str | None, port: int, wait: float) -> None:
    """Runs a worker, which prepares batches, until SIGINT or SIGTERM.

    Args:
        dispatcher: "host:port".
        host: host name of this machine for the training runs; None for "localhost" if the dispatcher is on
            this machine, else for its own name.
        port: port of the worker.
        wait: seconds to wait for the dispatcher.

    Raises:
        UserError: if the port is taken, or the dispatcher does not answer in time.
    """
    _require_free(port)
    if not addresses.answers_within(dispatcher, wait):
        raise UserError(
            f"--dispatcher {dispatcher} has not answered within {wait:g} s: start it there, `coverband "
            f"data-worker --port {dispatcher.rpartition(':')[2]}`, or have --wait longer"
        )
    local = dispatcher.rpartition(":")[0] in _LOCAL
    address = f"{host or ('localhost' if local else socket.gethostname())}:{port}"
    with _serving():
        server = service.WorkerServer(
            service.WorkerConfig(
                dispatcher_address=dispatcher,
                worker_address=address,
                port=port,
                heartbeat_interval_ms=_HEARTBEAT_MS,
            )
        )
        console.say(f"the worker at {address} prepares batches for {dispatcher}")
    del server


def _require_free(port: int) -> None:
    """Checks that a port is free: TensorFlow would silently share it with another of its servers.

    Raises:
        UserError: if the port is taken.
    """
    try:
        socket.create_server(("", port)).close()
    except OSError as error:
        raise UserError(
            f"--port {port} is not available ({os.strerror(error.errno or 0)}): name another"
        ) from error


@contextlib.contextmanager
def _serving() -> Iterator[None]:
    """Waits for SIGINT or SIGTERM after its body has started a server."""
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
        while not stopped.wait(_POLL):
            pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    console.say("stopped")
