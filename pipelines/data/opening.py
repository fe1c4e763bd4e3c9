"""What --data of a train command names: a data folder by `coverband prepare`, or two folders of songs."""

from __future__ import annotations

from pathlib import Path

from pipelines.data.reader import Corpus


def open_corpus(data: str | Path) -> Corpus:
    """Opens a data folder, or two folders of songs, "CONTENT,BAND" (see `folders.opened`).

    Raises:
        UserError: if it is neither, is unfinished, or lacks a shard.
    """
    if "," in str(data) and not Path(data).exists():
        from pipelines.data import folders  # here, since tensorflow-io takes seconds to load

        return folders.opened(Path(data))
    return Corpus.load(data)
