"""Turns two folders of songs into a data folder to train on.

    coverband prepare --content songs/ --band my_band/ --out data/

The two folders share no song. wav, flac, mp3 and ogg are read, at any rate, from subfolders, too.
Files that cannot be used are named and left out. Run it again after an interruption, or when songs
were added or changed: what is finished is kept.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from absl import flags

from pipelines import console
from pipelines.data import summary
from pipelines.data.preparing import prepare
from pipelines.data.schema import Settings

CONTENT = flags.DEFINE_string(
    "content", None, "Folder of generic songs: what is to be played.", required=True
)
BAND = flags.DEFINE_string("band", None, "Folder of the band's songs: who is to play it.", required=True)
OUT = flags.DEFINE_string("out", None, "The data folder to write.", required=True)
JOBS = flags.DEFINE_integer("jobs", os.cpu_count() or 1, "Processes that decode.", lower_bound=1)


def main(argv: list[str]) -> None:
    """Prepares the data folder and prints what it holds."""
    console.require_no_arguments(argv)
    sources = {"content": Path(CONTENT.value), "band": Path(BAND.value)}
    manifest = prepare(sources, Path(OUT.value), Settings(), JOBS.value or 1)
    print(summary.table(manifest))
    for sentence in summary.warnings(manifest):
        print(f"warning: {sentence}", file=sys.stderr)


if __name__ == "__main__":
    console.run(main)
