"""Starts the server, and lets it finish what it does when it is stopped."""

from __future__ import annotations

import asyncio
import dataclasses
import signal
import socket
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from pipelines import console
from pipelines.errors import UserError
from pipelines.serving import folders
from pipelines.serving.app import build
from pipelines.serving.limits import Limits
from pipelines.serving.server import House

_LOCAL = ("localhost", "127.0.0.1", "::1")
_BACKLOG = 256


@dataclasses.dataclass(frozen=True)
class Place:
    """Address of the server, and its grace period at shutdown.

    Attributes:
        host: address to listen at.
        port: likewise; 0 for any that is free.
        names: further host names under which clients call it.
        grace: seconds to finish what runs when it is stopped.
    """

    host: str
    port: int
    names: tuple[str, ...] = ()
    grace: int = 600

    @property
    def hosts(self) -> tuple[str, ...]:
        """Names that are served: those of this machine where it listens to itself alone, otherwise any."""
        return (*_LOCAL, "[::1]", *self.names) if self.host in _LOCAL else ("*",)


def run(roots: Sequence[Path], limits: Limits, workers: int, place: Place) -> None:
    """Serves until SIGINT or SIGTERM; then nothing new is taken, and what runs is finished.

    Raises:
        UserError: if there is no model, or the port is taken.
    """
    if not folders.find(roots):
        raise UserError(f"{roots[0]} holds no exported model: make one with `coverband export`")
    transcriber = _listening(place)
    console.say(
        f"coverband: http://{place.host}:{transcriber.getsockname()[1]} as soon as the models are loaded"
    )
    asyncio.run(_serve(roots, limits, workers, place, transcriber))


def _listening(place: Place) -> socket.socket:
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    transcriber = socket.socket(family, socket.SOCK_STREAM)
    transcriber.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        transcriber.bind((place.host, place.port))
    except OSError as error:
        transcriber.close()
        raise UserError(
            f"{place.host}:{place.port} cannot be listened at ({error.strerror}): name another --port"
        ) from error
    transcriber.listen(_BACKLOG)
    return transcriber


async def _serve(
    roots: Sequence[Path], limits: Limits, workers: int, place: Place, transcriber: socket.socket
) -> None:
    house = House(roots, limits, workers)
    config = uvicorn.Config(
        build(house, place.hosts),
        http="h11",
        lifespan="off",
        log_level="warning",
        timeout_keep_alive=15,
        timeout_graceful_shutdown=place.grace,
        server_header=False,
    )
    async with house.opened():
        console.say("coverband: ready")
        # uvicorn raises the signal once more when it is done; being told to end is no failure.
        signal.signal(signal.SIGTERM, lambda *_: None)
        await uvicorn.Server(config).serve(sockets=[transcriber])
