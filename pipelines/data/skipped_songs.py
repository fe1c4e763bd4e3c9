"""Songs that cannot be used: reasons, and a report of those that were skipped."""

from __future__ import annotations

import errno
import re
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from pipelines import console
from pipelines.audio.song_files import abbreviated
from pipelines.errors import UserError

MAX_REPORTED_SINGLY = 5
"""Songs that are reported one by one; the others are counted by reason."""


class SkipReport:
    """Report of skipped songs in a few lines: the first ones one by one, many of them counted by reason."""

    def __init__(self, word: str = "skipped") -> None:
        """Creates an empty report.

        Args:
            word: first word of every line.
        """
        self._word = word
        self._skipped: list[tuple[str, str]] = []

    def __len__(self) -> int:
        return len(self._skipped)

    def add(self, name: object, why: str) -> None:
        """Adds a song; prints it if few were printed before.

        Args:
            name: of the song, or its path.
            why: reason, a clause that follows the name.
        """
        self._skipped.append((str(name), why))
        if len(self._skipped) <= MAX_REPORTED_SINGLY:
            console.say(f"{self._word}: {name} {why}")

    def add_error(self, path: Path, error: UserError) -> None:
        """Adds a song with the message of an error, which may begin with the song's path."""
        self.add(path, str(error).removeprefix(f"{path} "))

    def summary(self) -> None:
        """Prints the count of every reason, if `add` did not print every song."""
        if len(self._skipped) > MAX_REPORTED_SINGLY:
            for sentence in grouped(self._skipped):
                console.say(f"{self._word}: {sentence}")

    def require_none(self, count: int, done: str) -> None:
        """Prints the summary, and fails if a song was skipped.

        Args:
            count: number of all songs.
            done: past participle of the error message, such as "translated".

        Raises:
            UserError: if a song was skipped.
        """
        self.summary()
        if self._skipped:
            names = abbreviated([name for name, _ in self._skipped])
            raise UserError(f"{len(self)} of {count} songs could not be {done} (see above): {names}")


def reason(source: Path, error: Exception) -> str:
    """Reason why a song cannot be used, from the exception that its worker raised.

    Args:
        source: the song.
        error: as `worker_pool.run` returns it.

    Returns:
        A clause that follows the song's name.

    Raises:
        OSError: the error itself, if the disk is full: the other songs would not fit either.
    """
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        raise error
    if isinstance(error, UserError):
        return str(error).removeprefix(f"{source} ")
    if isinstance(error, FileNotFoundError):
        return "is gone: it was moved or removed meanwhile"
    if isinstance(error, BrokenProcessPool):
        return "the process that decoded it died (a damaged file, or too little memory): convert it again"
    return f"decoding it failed ({error!r}): convert it again"


def grouped(skipped: Iterable[tuple[str, str]]) -> list[str]:
    """Sentence for every reason, the most frequent first; reasons that differ only in numbers are one.

    Args:
        skipped: names and reasons, clauses that follow the name.
    """
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, why in skipped:
        groups[re.sub(r"\d+(\.\d+)?", "0", why)].append((name, why))
    return [_sentence(group) for group in sorted(groups.values(), key=len, reverse=True)]


def _sentence(group: list[tuple[str, str]]) -> str:
    names, (first, why) = [name for name, _ in group], group[0]
    return (
        f"{first} {why}" if len(names) == 1 else f"{len(names)} songs ({abbreviated(names)}): the first {why}"
    )
