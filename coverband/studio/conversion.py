"""Conversion of a song to another format, at the sample rate of covers: both run at the same moment then.

python -m coverband.studio.conversion SOURCE TARGET
"""

from __future__ import annotations

import sys
from pathlib import Path

from coverband.studio import side_process
from pipelines.audio import files
from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError

_SECONDS = 600


async def convert(source: Path, target: Path) -> None:
    """Writes a song to a file, whose suffix is the format.

    Raises:
        UserError: if the source cannot be read or the target cannot be written.
    """
    code, reason = await side_process.run(__name__, str(source), str(target), seconds=_SECONDS)
    if code:
        raise UserError(reason or f"{source.name} cannot be converted")


def main(arguments: list[str]) -> None:
    """Converts the file of the command line; a sentence and exit code 1 if it cannot be converted."""
    source, target = map(Path, arguments)
    rate = AudioSpec().sample_rate
    try:
        with files.AudioWriter(target, rate, files.info(source).channels) as writer:
            for block in files.blocks(source, rate, on_damage=lambda _: None):
                writer.write(block)
    except UserError as error:
        print(error)
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
