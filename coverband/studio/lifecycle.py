"""Lifecycle of the Studio's server. Tasks are processes of their own, and go on after its end."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import socket
import webbrowser
from pathlib import Path

from coverband.studio.app import build
from coverband.studio.home import Home
from coverband.studio.studio import Studio
from coverband.studio.tasks import TaskStore
from pipelines import console, locks
from pipelines.errors import UserError
from pipelines.serving import lifecycle
from pipelines.serving.lifecycle import ServerAddress
from pipelines.serving.uploads import SizeLimit

_LOCK = ".studio-lock"


@dataclasses.dataclass(frozen=True)
class StudioOptions:
    """Options of the Studio.

    Attributes:
        folder: with all bands; made if it does not exist.
        upload: limit on a song's file.
        examples: folder of example songs, with content/ and band/; None for the generic ones of the Studio.
        changes: of the preset of new runs, "key=value" each.
        opens: opens the page in the user's browser.
    """

    folder: Path
    upload: SizeLimit
    examples: Path | None = None
    changes: tuple[str, ...] = ()
    opens: bool = True


def run(options: StudioOptions, address: ServerAddress) -> None:
    """Serves until SIGINT or SIGTERM.

    Raises:
        UserError: if the folder cannot be used, another Studio uses it, or the port is in use.
    """
    folder = options.folder.absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder} cannot be made ({error.strerror}): name another --folder") from error
    with locks.exclusive(folder / _LOCK, lambda _: f"a Studio is open in {folder} already: use that one"):
        listener = lifecycle.bind(address)
        home, is_local = Home(folder), address.hosts != ("*",)
        studio = Studio(
            home,
            TaskStore(home),
            options.upload,
            examples=options.examples,
            is_local=is_local,
            changes=options.changes,
        )
        if not is_local:
            console.say("everyone who can reach this computer can use the Studio: it knows no passwords")
        asyncio.run(_serve(studio, address, listener, options.opens))


async def _serve(studio: Studio, address: ServerAddress, listener: socket.socket, opens: bool) -> None:
    url = f"http://{address.host}:{listener.getsockname()[1]}"
    working = asyncio.create_task(studio.work_off())
    console.say(f"coverband studio: {url} (Ctrl-C ends it; a training goes on)")
    if opens:
        asyncio.get_running_loop().run_in_executor(None, webbrowser.open, url)
    try:
        await lifecycle.serve(build(studio, address.hosts), address, listener)
    finally:
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working
