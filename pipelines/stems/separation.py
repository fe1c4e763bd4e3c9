"""Separation of songs into voice and accompaniment by a separator, once per song."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipelines.audio import files
from pipelines.audio.song_files import abbreviated, find_songs
from pipelines.audio.song_measurement import measure_blocks
from pipelines.audio.streams import BLOCK_SECONDS
from pipelines.errors import UserError
from pipelines.stems import separated_files, stem_cache
from pipelines.stems.alignment import MAX_SECONDS
from pipelines.stems.files import Role, Stem
from pipelines.stems.separators import (
    ENVIRONMENT,
    KINDS,
    CommandSeparator,
    FunctionSeparator,
    Separator,
    SeparatorFunction,
)

_START_SECONDS, _SECONDS_PER_SECOND = 600.0, 30.0
"""Default limit of time: for loading models, and for every second of the song."""
_SILENT = ".silent"
"""Suffix of an empty file in place of a stem without sound."""


@dataclasses.dataclass(frozen=True)
class Separation:
    """Separation of songs whose results are kept.

    Attributes:
        separator: the program or function.
        cache: folder of the stems.
        timeout: seconds after which the separator is ended; None for a limit that grows with the song.
    """

    separator: Separator
    cache: Path
    timeout: float | None = None

    @classmethod
    def from_text(cls, text: str | None, needed_by: str, timeout: float | None = None) -> Separation:
        """Separation by a program, with the user's cache.

        Args:
            text: see `CommandSeparator.from_text`; None for that in the environment.
            needed_by: what needs a separator, for the error message.
            timeout: see `Separation`.

        Raises:
            UserError: if there is no separator or it cannot be used.
        """
        text = text or os.environ.get(ENVIRONMENT)
        if not text:
            raise UserError(
                f"{needed_by} needs a program that separates songs: name one with --separator or "
                f"{ENVIRONMENT} ({KINDS})"
            )
        return cls(CommandSeparator.from_text(text), stem_cache.folder(), timeout)

    def stem(self, song: Path, preferred: Role) -> Stem:
        """Stem of a song, separated if that has not happened yet.

        Args:
            song: the song.
            preferred: role of the stem; the other one if the separator does not write it.

        Raises:
            UserError: that begins with the song's path, if it cannot be separated or the stem is silent.
            OSError: if the disk is full.
        """
        try:
            entry = stem_cache.entry(self.cache, song, self.separator.definition)
        except OSError as error:
            raise UserError(f"{song} cannot be read ({error.strerror}): name another song") from error
        if not (stems := _stems(entry)):
            self._separate(song, entry)
            stems = _stems(entry)
        role = preferred if preferred in stems else next(iter(stems))
        if stems[role].suffix == _SILENT:
            raise UserError(
                f"{song} has a silent {role.value} stem by {self.separator.name}: leave it out, or use it "
                "without separation"
            )
        return Stem(stems[role], role, self.separator.name)

    def _separate(self, song: Path, entry: Path) -> None:
        """Runs the separator and stores the stems."""
        seconds, _ = _measure(song)
        limit = self.timeout or _START_SECONDS + _SECONDS_PER_SECOND * seconds
        with stem_cache.unfinished(self.cache) as scratch:
            output, finished = scratch / "output", scratch / "stems"
            output.mkdir()
            finished.mkdir()
            # A name that neither misleads the search for stems nor looks like a flag.
            link = scratch / f"song{song.suffix}"
            link.symlink_to(song.resolve())
            try:
                title = f"Separating {song.name} by {self.separator.name}"
                last_line = self.separator.separate(link, output, title, limit)
                for role, path in self._require_stems(output, last_line).items():
                    self._keep(role, path, finished, seconds)
            except UserError as error:
                raise UserError(f"{song} cannot be separated: {error}") from error
            stem_cache.store(finished, entry)

    def _require_stems(self, output: Path, last_line: str) -> dict[Role, Path]:
        """The files of the stems in the output folder."""
        found = find_songs(output)
        stems = separated_files.find(found.songs)
        if not stems:
            names = [*map(found.name, found.songs), *itertools.chain(*found.ignored.values())]
            said = f", its last line is {last_line!r}" if last_line else ""
            raise UserError(
                f"{self.separator.name} wrote no stem ({abbreviated(names) or 'nothing'} in the output "
                f"folder{said}): let it write vocals or instrumental there"
            )
        return stems

    def _keep(self, role: Role, path: Path, finished: Path, song_seconds: float) -> None:
        """Moves a stem to the finished ones, after a check of its length."""
        try:
            seconds, loudness = _measure(path)
        except UserError as error:
            why = str(error).removeprefix(f"{path} ")
            raise UserError(f"the {role.value} stem by {self.separator.name} {why}") from error
        longer = seconds - song_seconds
        if abs(longer) > MAX_SECONDS:
            raise UserError(
                f"the {role.value} stem by {self.separator.name} is {abs(longer):.2f} s "
                f"{'longer' if longer > 0 else 'shorter'} than the song: let it separate the whole song"
            )
        if loudness == -np.inf:
            (finished / f"{role.value}{_SILENT}").touch()
        else:
            os.replace(path, finished / f"{role.value}{path.suffix}")


@contextlib.contextmanager
def opened(separator: str | SeparatorFunction | None, needed_by: str) -> Iterator[Separation]:
    """Context manager of a separation; a function's stems are removed at its end, since functions may change.

    Args:
        separator: see `Separation.from_text`; or a function.
        needed_by: see `Separation.from_text`.

    Raises:
        UserError: see `Separation.from_text`.
    """
    if separator is None or isinstance(separator, str):
        yield Separation.from_text(separator, needed_by)
        return
    with tempfile.TemporaryDirectory(prefix="coverband-stems-") as folder:
        yield Separation(FunctionSeparator(separator), Path(folder))


def _stems(entry: Path) -> dict[Role, Path]:
    """Files of an entry of the cache, by role; empty if it does not exist."""
    return {role: path for role in Role for path in entry.glob(f"{role.value}.*")}


def _measure(path: Path) -> tuple[float, float]:
    """Seconds and loudness, LUFS, of a file."""
    rate = files.info(path).sample_rate
    measured = measure_blocks(files.blocks(path, rate, BLOCK_SECONDS), rate)
    return measured.samples / rate, measured.loudness
