"""Songs that are skipped: the first are reported one by one, the others are counted by reason."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from pipelines import console
from pipelines.audio.finding import few
from pipelines.errors import UserError

SAID = 5
"""Songs that are reported at once."""


class Skips:
    """Report of the songs that are skipped, in a few lines however many they are."""

    def __init__(self, word: str = "skipped") -> None:
        """Begins an empty report.

        Args:
            word: begins every line.
        """
        self._word = word
        self._skipped: list[tuple[str, str]] = []

    def __len__(self) -> int:
        return len(self._skipped)

    def add(self, name: object, why: str) -> None:
        """Reports a song, unless many were reported before.

        Args:
            name: of the song, or its path.
            why: reason, in words that follow the name.
        """
        self._skipped.append((str(name), why))
        if len(self._skipped) <= SAID:
            console.say(f"{self._word}: {name} {why}")

    def add_error(self, path: Path, error: UserError) -> None:
        """Reports a song by the error that it ended with, a sentence that may begin with its path."""
        self.add(path, str(error).removeprefix(f"{path} "))

    def summary(self) -> None:
        """Reports the count of every reason, if not every song was reported by `add`."""
        if len(self._skipped) > SAID:
            for sentence in grouped(self._skipped):
                console.say(f"{self._word}: {sentence}")

    def require_none(self, count: int, done: str) -> None:
        """Ends the report of a command that goes through songs one by one.

        Args:
            count: of all songs.
            done: such as "translated".

        Raises:
            UserError: if a song was skipped.
        """
        self.summary()
        if self._skipped:
            names = few([name for name, _ in self._skipped])
            raise UserError(f"{len(self)} of {count} songs could not be {done} (see above): {names}")


def grouped(skipped: Iterable[tuple[str, str]]) -> list[str]:
    """A sentence for every reason, the commonest first; reasons that differ in numbers only are one.

    Args:
        skipped: names and reasons, in words that follow the name.
    """
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, why in skipped:
        groups[re.sub(r"\d+(\.\d+)?", "0", why)].append((name, why))
    return [_sentence(group) for group in sorted(groups.values(), key=len, reverse=True)]


def _sentence(group: list[tuple[str, str]]) -> str:
    names, (first, why) = [name for name, _ in group], group[0]
    return f"{first} {why}" if len(names) == 1 else f"{len(names)} songs ({few(names)}): the first {why}"
