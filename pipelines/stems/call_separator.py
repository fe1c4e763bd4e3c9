"""Process that calls a separator function: it can be ended, and its memory is free afterwards.

python -m pipelines.stems.call_separator package.module:function SONG OUTPUT
"""

from __future__ import annotations

import functools
import importlib
import sys
from pathlib import Path
from typing import Any


def main(target: str, song: str, output: str) -> None:
    """Calls a function with a song and an output folder.

    Args:
        target: package.module:function.
        song: path of the song.
        output: path of an existing folder.
    """
    module, _, name = target.partition(":")
    try:
        imported: Any = importlib.import_module(module)
        function = functools.reduce(getattr, name.split("."), imported)
    except (ImportError, AttributeError) as error:
        sys.exit(f"{target} cannot be imported: {error}")
    function(Path(song), Path(output))


if __name__ == "__main__":
    main(*sys.argv[1:])
