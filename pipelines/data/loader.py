"""Loader of the corpus that --data names: a data folder by `coverband prepare`, or two folders of songs."""

from __future__ import annotations

from pathlib import Path

from pipelines.audio.finding import few, find_songs
from pipelines.audio.path_errors import similar
from pipelines.data import song_folders
from pipelines.data.corpus import Corpus
from pipelines.data.schema import DOMAINS, MANIFEST_FILE
from pipelines.errors import UserError


def open_corpus(data: str | Path) -> Corpus:
    """Opens a data folder, or two folders of songs, "CONTENT,BAND" (see `folders.opened`).

    Raises:
        UserError: if it is neither, is unfinished, or lacks a shard.
    """
    path = Path(data)
    if "," in str(data) and not path.exists():
        return song_folders.opened(path)
    if not (path / MANIFEST_FILE).is_file():
        _require_no_songs(path)
    return Corpus.load(path)


def _require_no_songs(path: Path) -> None:
    """Says of a path that is no data folder what it is, if that is known.

    Raises:
        UserError: if it does not exist, or holds songs.
    """
    if not path.exists():
        raise UserError(f"{path} does not exist: {similar(path)}")
    both = [path / domain for domain in DOMAINS]
    if all(side.is_dir() and find_songs(side).songs for side in both):
        raise UserError(f"{path} holds two folders of songs: name them, --data {both[0]},{both[1]}")
    found = find_songs(path)
    if found.songs:
        names = few([found.name(song) for song in found.songs])
        raise UserError(
            f"{path} holds songs ({names}): prepare them with `coverband prepare`, or name two folders of "
            "songs, --data CONTENT,BAND"
        )
