"""Separators: command lines and Python functions that write the stems of a song to a folder."""

from __future__ import annotations

import dataclasses
import os
import re
import shlex
import shutil
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from pipelines import console
from pipelines.errors import UserError
from pipelines.stems import process

AUTO = "auto"
"""Value of a flag or an argument in place of a stem: separate the song."""

ENVIRONMENT = "COVERBAND_SEPARATOR"
"""Variable with the separator that is used if none is named."""

COMMANDS = {
    "demucs": "demucs --two-stems vocals -o {output} {song}",
    # Without a duration, only ten minutes of a song are separated.
    "spleeter": "spleeter separate -p spleeter:2stems -d 36000 -o {output} {song}",
    "audio-separator": "audio-separator {song} --output_dir {output} --output_format WAV",
}
"""Command lines of known programs: Demucs 4, Spleeter 2.1, audio-separator 0.30, or later."""

KINDS = f"{', '.join(COMMANDS)}, a command with {{song}} and {{output}}, or package.module:function"
"""Kinds of separators, for messages."""

_FUNCTION = re.compile(r"[\w.]+:[\w.]+")
_CALL = (sys.executable, "-m", "pipelines.stems.call_separator")
_SONG, _OUTPUT = "{song}", "{output}"

SeparatorFunction = Callable[[Path, Path], object]
"""Function that writes the stems of a song, the first argument, to an empty folder, the second."""


class Separator(Protocol):
    """Program or function that separates songs."""

    @property
    def name(self) -> str:
        """Name in messages."""
        ...

    @property
    def definition(self) -> str:
        """Text on which the stems depend; part of the key of their cache."""
        ...

    def separate(self, song: Path, output: Path, title: str, seconds: float) -> str:
        """Writes the stems of a song.

        Args:
            song: the song, in any format.
            output: an empty folder.
            title: of the progress bar.
            seconds: after which a program is ended.

        Returns:
            The last line that it printed, for messages; empty if there is none.

        Raises:
            UserError: a clause that follows the song's name, if it is missing, fails or takes longer.
        """
        ...


@dataclasses.dataclass(frozen=True)
class CommandSeparator:
    """Separator that is a program, run without a shell in a process group of its own.

    Attributes:
        name: for messages.
        definition: its command line, or package.module:function.
        arguments: its command line, with placeholders for the song and the output folder.
        environment: variables that it gets beside those of this process.
    """

    name: str
    definition: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @classmethod
    def from_text(cls, text: str) -> CommandSeparator:
        """Separator that a user named.

        Args:
            text: a name in COMMANDS, a command line with placeholders, or package.module:function.

        Raises:
            UserError: if it is none of them, or the program is not installed.
        """
        if _FUNCTION.fullmatch(text):
            # What can be imported here can be imported there.
            path = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
            return cls(text, text, (*_CALL, text, _SONG, _OUTPUT), path)
        definition = COMMANDS.get(text, text)
        try:
            arguments = tuple(shlex.split(definition))
        except ValueError as error:
            raise UserError(f"the separator {text!r} cannot be split into words ({error})") from error
        if any(placeholder not in definition for placeholder in (_SONG, _OUTPUT)):
            raise UserError(f"{text!r} is no separator: name {KINDS}")
        name = Path(arguments[0]).name
        if shutil.which(arguments[0]) is None:
            raise UserError(
                f"the separator {name} is not installed (no such program): install it, or name another"
            )
        return cls(name, definition, arguments)

    def separate(self, song: Path, output: Path, title: str, seconds: float) -> str:
        """See `Separator.separate`."""
        words = [word.replace(_SONG, str(song)).replace(_OUTPUT, str(output)) for word in self.arguments]
        try:
            ended = process.run(words, title, seconds, self.environment)
        except OSError as error:
            raise UserError(f"{self.name} cannot be started ({error.strerror}): install it again") from error
        if ended.code is None:
            raise UserError(
                f"{self.name} was not done after {seconds:.0f} s and was ended: give it more time with "
                "--separator_timeout"
            )
        if ended.code:
            raise UserError(
                f"{self.name} {_failure(ended.code)}, its last line is {ended.last_line!r}: mend that, or "
                "name another separator"
            )
        return ended.last_line


@dataclasses.dataclass(frozen=True)
class FunctionSeparator:
    """Separator that is a function of this process, without a limit of time.

    Attributes:
        function: see `SeparatorFunction`.
    """

    function: SeparatorFunction

    @property
    def name(self) -> str:
        """Name of the function."""
        return getattr(self.function, "__name__", type(self.function).__name__)

    @property
    def definition(self) -> str:
        """Module and name of the function."""
        return f"{self.function.__module__}:{self.name}"

    def separate(self, song: Path, output: Path, title: str, seconds: float) -> str:
        """See `Separator.separate`."""
        console.say(title)
        try:
            self.function(song, output)
        except Exception as error:  # of any kind, by a function of the user's
            raise UserError(f"{self.name} failed ({error!r}): mend it, or name another separator") from error
        return ""


def _failure(code: int) -> str:
    """Clause on the exit code of a program that failed."""
    if code > 0:
        return f"failed with exit code {code}"
    return f"was killed by {signal.Signals(-code).name}"
