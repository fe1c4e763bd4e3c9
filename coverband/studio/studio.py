"""State of the Studio's server, which all requests share."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

from coverband.studio import songs
from coverband.studio.home import Home
from coverband.studio.tasks import TaskStore
from pipelines import console
from pipelines.errors import UserError
from pipelines.serving.uploads import SizeLimit

_POLL_SECONDS = 0.5
_GENERIC = Path(songs.__file__).parent


@dataclasses.dataclass(frozen=True)
class Studio:
    """State of a server.

    Attributes:
        home: its folder.
        tasks: its queue.
        upload: limit on a file.
        pause_seconds: longest pause of a client while it sends.
        examples: folder of example songs, with content/ and band/; None for the generic songs that come with
            the Studio, and none of a band.
        is_local: True if only this computer can reach the server; then the page may name folders on it.
        changes: of the preset of new runs, "key=value" each.
    """

    home: Home
    tasks: TaskStore
    upload: SizeLimit
    pause_seconds: float = 30.0
    examples: Path | None = None
    is_local: bool = True
    changes: tuple[str, ...] = ()

    def example_songs(self, domain: str) -> Path:
        """Folder of the example songs of a domain.

        Raises:
            UserError: if there are none.
        """
        if domain not in self.example_domains:
            raise UserError("there are no example songs: start the Studio with --examples")
        return (self.examples / domain if self.examples else _GENERIC).absolute()

    @property
    def example_domains(self) -> list[str]:
        """Domains with example songs."""
        return ["content", "band"] if self.examples else ["content"]

    async def work_off(self) -> None:
        """Starts tasks as soon as they can be started, until it is cancelled."""
        said: str | None = None
        while True:
            try:
                self.tasks.start_next()
            except OSError as error:
                if error.strerror != said:
                    said = error.strerror
                    console.say(f"no task can be started now ({said})")
            await asyncio.sleep(_POLL_SECONDS)
