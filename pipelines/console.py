"""Command-line functions common to all commands: flags, help, errors in one sentence, progress bars.

A binary ends with `if __name__ == "__main__": console.run(main)`. This module imports nothing heavy.
"""

from __future__ import annotations

import contextlib
import difflib
import errno
import inspect
import io
import os
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn, TextIO

from absl import app, flags, logging
from tqdm import tqdm

from pipelines.errors import UserError

LOG_SECONDS = 20.0
"""Seconds between two progress lines when stderr is not a terminal."""

_ABSL_REPEAT = ";\n    repeat this option"
_HELP = ("--help", "-help", "-h", "-?", "--helpshort")
_FULL = (errno.ENOSPC, errno.EDQUOT)
_DISK_ERRORS = (*_FULL, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.EIO)
_USAGE_EXIT = 2
_INTERRUPT_EXIT = 130
_PIPE_EXIT = 141


def run(main: Callable[[list[str]], None], argv: list[str] | None = None) -> NoReturn:
    """Parses the flags, runs a binary's main and exits; what a user did wrong is said in one sentence.

    Exit codes: 0 done (or help), 1 a `UserError` or a full disk, 2 wrong flags, 130 Ctrl-C, 141 a pipe that
    closed.

    Args:
        main: takes the command line without its flags (the program's name first).
        argv: the command line, program's name first; `sys.argv` when None.
    """
    argv = [_with_home(argument) for argument in (sys.argv if argv is None else argv)]
    for stream in (sys.stdout, sys.stderr):
        _accept_every_name(stream)
    module = sys.modules[main.__module__]
    with _pipe_may_close():
        app.run(lambda rest: _guarded(main, rest), argv, flags_parser=lambda args: _parse(module, args))
    raise SystemExit(0)


def progress(
    work: Iterable[Any] | int, description: str, *, total: int | None = None, unit: str = "it"
) -> tqdm:
    """A progress bar on stderr, or a line every `LOG_SECONDS` when stderr is not a terminal.

    Args:
        work: what to iterate over, or the number of steps (then call `.update(n)` yourself).
        description: stands before the bar.
        total: number of steps of an iterable without a length.
        unit: name of one step.

    Returns:
        The bar: iterate over it or use it as a context manager.
    """
    description = printable(description)
    if isinstance(work, int):
        work, total = None, work  # type: ignore[assignment]
    if sys.stderr.isatty():
        return tqdm(work, description, total=total, unit=unit, dynamic_ncols=True)
    return _LineBar(
        work, description, total=total, unit=unit, mininterval=LOG_SECONDS, maxinterval=LOG_SECONDS
    )


def say(sentence: str) -> None:
    """Prints one line on stderr without breaking a progress bar."""
    if sys.stderr.isatty():
        tqdm.write(printable(sentence), file=sys.stderr)
    else:  # tqdm would repeat the line of every open bar.
        print(printable(sentence), file=sys.stderr, flush=True)


def printable(text: str) -> str:
    """A text with a question mark for every byte that is no text, of which names of files may hold some."""
    return text.encode("utf-8", "replace").decode("utf-8")


def require_no_arguments(argv: list[str]) -> None:
    """For a binary that takes flags only.

    Raises:
        UserError: naming what is left of the command line.
    """
    if argv[1:]:
        raise UserError(f"what is {' '.join(argv[1:])!r} for? Values follow their flag, as in --flag=value")


class _LineBar(tqdm):
    """A bar for log files: whole lines, the first only after some time."""

    def display(self, msg: str | None = None, pos: int | None = None) -> None:
        # tqdm draws an empty bar at once.
        if self.n:
            self.fp.write(f"{msg or self}\n")
            self.fp.flush()


@contextlib.contextmanager
def _pipe_may_close() -> Iterator[None]:
    """Whoever reads our output, `head` for instance, may have had enough of it."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # What is still in the buffer goes nowhere, and so does Python's last flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(_PIPE_EXIT)


def _with_home(argument: str) -> str:
    """An argument with the home folder in place of a ~ that the shell left: "~/a" in quotes, --flag=~/a."""
    flag, path = re.fullmatch(r"(--?\w+=)?(.*)", argument, re.DOTALL).groups("")  # type: ignore[union-attr]
    return argument if os.path.lexists(path) else flag + os.path.expanduser(path)


def _accept_every_name(stream: TextIO) -> None:
    """Lets a stream print question marks for what its encoding lacks, see `printable`, too."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")


def _guarded(main: Callable[[list[str]], None], argv: list[str]) -> None:
    logging.set_verbosity(logging.WARNING)  # TensorFlow tells how it shards what it saves, and more of that
    try:
        main(argv)
    except UserError as error:
        die(str(error), 1)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPT_EXIT)
    except MemoryError:
        die("out of memory: end other programs, or give it less at once", 1)
    except OSError as error:
        if error.errno not in _DISK_ERRORS:
            raise
        die(_disk_sentence(error), 1)


def _disk_sentence(error: OSError) -> str:
    """A sentence on a file that cannot be read or written; writing to an open one leaves out its name."""
    if error.errno in _FULL:
        where = f" ({error.filename})" if error.filename else ""
        return f"the disk is full{where}: free some space and run it again"
    file = error.filename or "a file"
    return f"{file} cannot be read or written ({error.strerror}): name another place, or mend this one"


def _parse(module: Any, argv: list[str]) -> list[str]:
    if any(argument in _HELP for argument in argv[1:]):
        print(help_text(module, _program(module, argv)))
        sys.exit(0)
    try:
        return flags.FLAGS(argv)
    except flags.Error as error:
        die(f"{_sentence(module, error)} (see {_program(module, argv)} --help)", _USAGE_EXIT)


def help_text(module: Any, program: str) -> str:
    """The module's docstring and its own flags (absl's key flags), none of those of the libraries."""
    lines = [inspect.cleandoc(module.__doc__ or program), "", "Flags:"]
    for flag in sorted(flags.FLAGS.get_key_flags_for_module(module), key=lambda flag: flag.name):
        lines += [f"  --{flag.name}{_value_hint(flag)}"]
        lines += textwrap.wrap(_flag_help(flag), 96, initial_indent=" " * 8, subsequent_indent=" " * 8)
    return "\n".join(lines)


def _value_hint(flag: flags.Flag) -> str:
    if flag.boolean:
        return ""
    return "=... (may be repeated)" if isinstance(flag, flags.MultiFlag) else "=..."


def _flag_help(flag: flags.Flag) -> str:
    text = flag.help.partition(_ABSL_REPEAT)[0]  # `_value_hint` says it shorter
    if flag.default is None or flag.default is False or flag.default in ("", []):
        return text
    return f"{text} (default: {flag.default})"


def _program(module: Any, argv: list[str]) -> str:
    if module.__name__ == "__main__" and module.__spec__ is not None:
        return f"python -m {module.__spec__.name}"
    return os.path.basename(argv[0])


def _sentence(module: Any, error: flags.Error) -> str:
    if isinstance(error, flags.UnrecognizedFlagError):
        names = [flag.name for flag in flags.FLAGS.get_key_flags_for_module(module)]
        near = difflib.get_close_matches(error.flagname, names)
        hint = f"; did you mean --{' or --'.join(near)}?" if near else ""
        return f"there is no flag --{error.flagname}{hint}"
    return "; ".join(_plain(line) for line in str(error).splitlines())


def _plain(message: str) -> str:
    flag, _, problem = message.removeprefix("flag ").partition(": ")
    if problem.endswith("must have a value other than None."):
        return f"{flag.removesuffix('=None')} is missing"
    return f"{flag} is not possible: {problem}" if problem else message


def die(sentence: str, code: int) -> NoReturn:
    """Says one sentence on stderr and exits."""
    print(f"coverband: {sentence}", file=sys.stderr)
    sys.exit(code)
