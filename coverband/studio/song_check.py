"""Check of an uploaded file: whether it holds sound, by its content.

python -m coverband.studio.song_check FILE
"""

from __future__ import annotations

import sys
from pathlib import Path

from coverband.studio import side_process
from pipelines.audio import files
from pipelines.errors import UserError
from pipelines.serving.http_errors import HttpError

_SECONDS = 60


async def require_song(path: Path, name: str) -> None:
    """Checks that a file holds sound that can be decoded.

    Args:
        path: the file.
        name: of the file in messages.

    Raises:
        HttpError: with 415, if it does not.
    """
    code, reason = await side_process.run(__name__, str(path), seconds=_SECONDS)
    if code:
        raise HttpError(415, reason.replace(str(path), name) or f"{name} cannot be read")


def main(arguments: list[str]) -> None:
    """Decodes the first second of a file; prints a sentence and exits with 1 if there is none."""
    path = Path(arguments[0])
    try:
        next(files.blocks(path, files.info(path).sample_rate, 1.0, on_damage=lambda _: None))
    except (UserError, StopIteration) as error:
        print(str(error) or f"{path} holds no sound")
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
