"""Lifecycle of the server: start, and graceful shutdown."""

from __future__ import annotations

import asyncio
import dataclasses
import errno
import signal
import socket
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from pipelines import console
from pipelines.errors import UserError
from pipelines.serving import folders
from pipelines.serving.app import build
from pipelines.serving.limits import Limits
from pipelines.serving.server import ServerState

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_BACKLOG = 256
_ABOUT_PORTS = (errno.EADDRINUSE, errno.EACCES)
"""Numbers of errors that another port mends: it is in use, or only for privileged users."""


@dataclasses.dataclass(frozen=True)
class ServerAddress:
    """Address of the server, and its grace period at shutdown.

    Attributes:
        host: address to bind.
        port: port to bind; 0 for any free one.
        names: further host names by which clients reach the server.
        grace: seconds to finish requests at shutdown.
    """

    host: str
    port: int
    names: tuple[str, ...] = ()
    grace: int = 600

    @property
    def hosts(self) -> tuple[str, ...]:
        """Accepted host names: on a loopback address those of this machine and `names`, otherwise any."""
        return (*_LOOPBACK, "[::1]", *self.names) if self.host in _LOOPBACK else ("*",)


def run(roots: Sequence[Path], limits: Limits, workers: int, address: ServerAddress) -> None:
    """Serves until SIGINT or SIGTERM; then accepts no requests and finishes those in progress.

    Args:
        roots: folders of models, see `folders.find`.
        limits: of the server.
        workers: processes for each model.
        address: of the server.

    Raises:
        UserError: if there is no model, or the port is in use.
    """
    if not folders.find(roots):
        raise UserError(f"{roots[0]} holds no exported model: make one with `coverband export`")
    listener = bind(address)
    port = listener.getsockname()[1]
    console.say(f"coverband: http://{address.host}:{port} as soon as the models are loaded")
    asyncio.run(_serve(roots, limits, workers, address, listener))


def bind(address: ServerAddress) -> socket.socket:
    """Socket that listens on an address.

    Raises:
        UserError: if the port is in use, or the address is not one of this machine.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address.host, address.port))
    except OSError as error:
        listener.close()
        flag = "--port" if error.errno in _ABOUT_PORTS else "--host"
        raise UserError(
            f"{address.host}:{address.port} cannot be bound ({error.strerror}): name another {flag}"
        ) from error
    listener.listen(_BACKLOG)
    return listener


async def _serve(
    roots: Sequence[Path], limits: Limits, workers: int, address: ServerAddress, listener: socket.socket
) -> None:
    server = ServerState(roots, limits, workers)
    async with server.running():
        console.say("coverband: ready")
        await serve(build(server, address.hosts), address, listener)


async def serve(app: Starlette, address: ServerAddress, listener: socket.socket) -> None:
    """Serves an application until SIGINT or SIGTERM, and finishes the requests in progress.

    Args:
        app: the application.
        address: of the server.
        listener: by `bind`.
    """
    config = uvicorn.Config(
        app,
        http="h11",
        lifespan="off",
        log_level="warning",
        timeout_keep_alive=15,
        timeout_graceful_shutdown=address.grace,
        server_header=False,
    )
    # uvicorn raises the signal again after its shutdown; SIGTERM is then no failure.
    signal.signal(signal.SIGTERM, lambda *_: None)
    await uvicorn.Server(config).serve(sockets=[listener])
