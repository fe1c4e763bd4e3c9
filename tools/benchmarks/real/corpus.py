"""Folders of songs in the layout of `coverband prepare`: DOMAIN/SPLIT/PACKAGE/SONG, and their list."""

from __future__ import annotations

import csv
import dataclasses
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pipelines import locks, outputs
from pipelines.data.schema import DOMAINS, SPLITS
from pipelines.errors import UserError
from tools.benchmarks.real import splits
from tools.benchmarks.real.songs import Song

LIST_FILE = "songs.csv"
COLUMNS = ("file", "split", "package", "version", "artist", "title", "licence", "seconds")
TRAIN_MINUTES: dict[str, dict[str, float] | None] = {"small": {"content": 40.0, "band": 20.0}, "full": None}
"""Minutes to train on by domain; None for all songs. Valid and test are the same in all sizes."""


@dataclasses.dataclass(frozen=True)
class Entry:
    """Song of the corpus.

    Attributes:
        domain: content or band.
        split: train, valid or test.
        song: of a package.
    """

    domain: str
    split: str
    song: Song

    @property
    def file(self) -> str:
        """Path relative to the corpus, with forward slashes."""
        return f"{self.domain}/{self.split}/{self.song.package}/{self.song.name}"

    def row(self) -> dict[str, str]:
        """Values of COLUMNS."""
        song = self.song
        values = (self.file, self.split, song.package, song.version, song.artist, song.title, song.licence)
        return dict(zip(COLUMNS, (*values, f"{song.seconds:.3f}"), strict=True))


def choose(songs: Mapping[str, Sequence[Song]], size: str, seed: int) -> list[Entry]:
    """Songs of the corpus with their splits, sorted by file.

    Args:
        songs: of each of DOMAINS.
        size: of TRAIN_MINUTES.
        seed: of the splits, and of the choice of songs to train on.
    """
    sizes = {"content": splits.CONTENT_SIZES, "band": splits.BAND_SIZES}
    minutes = TRAIN_MINUTES[size]
    entries = []
    for domain in DOMAINS:
        found = splits.split(songs[domain], sizes[domain], seed)
        if minutes is not None:
            found["train"] = splits.shortened(found["train"], minutes[domain], seed)
        entries += [Entry(domain, split, song) for split in SPLITS for song in found[split]]
    return sorted(entries, key=lambda entry: entry.file)


def write(entries: Sequence[Entry], out: Path) -> None:
    """Writes the folders and the list; an earlier corpus in `out` is replaced, its unchanged songs are kept.

    Args:
        entries: by `choose`.
        out: the corpus' folder.

    Raises:
        UserError: if its folders of songs hold files that no list names, or another process writes there.
        OSError: if it cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    with locks.exclusive(out / ".lock", lambda pid: f"process {pid} writes to {out}: wait for its end"):
        for domain in DOMAINS:
            outputs.remove_unfinished(out / domain)
        wanted = {entry.file for entry in entries}
        listed = _listed(out / LIST_FILE)
        if strange := sorted(_files(out) - wanted - listed):
            raise UserError(
                f"{out / strange[0]} is no song of an earlier corpus: move it away, or choose another --out"
            )
        # The list names every file at any time, so that the next run can replace what a killed one left.
        _write_list(out / LIST_FILE, entries, sorted((listed - wanted) & _files(out)))
        for file in sorted(listed - wanted):
            (out / file).unlink(missing_ok=True)
        for entry in entries:
            _link(entry.song.path, out / entry.file)
        _write_list(out / LIST_FILE, entries)


def _files(out: Path) -> set[str]:
    """Files in the folders of songs."""
    found = (path for domain in DOMAINS for path in (out / domain).rglob("*"))
    return {path.relative_to(out).as_posix() for path in found if path.is_symlink() or path.is_file()}


def _listed(path: Path) -> set[str]:
    """Files of an earlier corpus."""
    if not path.is_file():
        return set()
    with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
        return {row["file"] for row in csv.DictReader(file) if row.get("file")}


def _write_list(path: Path, entries: Sequence[Entry], removed: Sequence[str] = ()) -> None:
    with (
        outputs.whole(path) as unfinished,
        open(unfinished, "w", encoding="utf-8", errors="surrogateescape", newline="") as file,
    ):
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(_rows(entries, removed))


def _rows(entries: Sequence[Entry], removed: Sequence[str]) -> Iterator[dict[str, str]]:
    yield from (entry.row() for entry in entries)
    yield from ({"file": file} for file in removed)


def _link(song: Path, path: Path) -> None:
    """Makes a hard link, or a symbolic one where that is impossible; a link to another file is replaced."""
    if path.exists() and os.path.samefile(song, path):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with outputs.whole(path) as unfinished:
        try:
            os.link(song, unfinished)
        except OSError:  # another file system, or one without hard links
            os.symlink(song.absolute(), unfinished)
