"""Command-line functions shared by all commands: flags, help, one-sentence errors, progress bars.

A binary ends with `if __name__ == "__main__": console.run(main)`. This module does not import TensorFlow.
"""

from __future__ import annotations

import contextlib
import difflib
import errno
import inspect
import io
import math
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
"""Seconds between two progress lines when stderr is not a terminal, unless LOG_SECONDS_VARIABLE is set."""
LOG_SECONDS_VARIABLE = "COVERBAND_LOG_SECONDS"
"""Environment variable by which a program that reads the log asks for other seconds."""

_ABSL_REPEAT = ";\n    repeat this option"
_HELP = ("--help", "-help", "-h", "-?", "--helpshort")
_FULL = (errno.ENOSPC, errno.EDQUOT)
_DISK_ERRORS = (*_FULL, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.EIO)
_USAGE_EXIT = 2
_INTERRUPT_EXIT = 130
_PIPE_EXIT = 141


def run(main: Callable[[list[str]], None], argv: list[str] | None = None) -> NoReturn:
    """Runs a command's `main` and exits; user errors become one sentence on stderr.

    Exit codes: 0 done (or help), 1 a `UserError` or a full disk, 2 wrong flags, 130 Ctrl-C, 141 a closed
    pipe.

    Args:
        main: takes the command line, the program's name first, and parses it with `parse`.
        argv: the command line, program's name first; `sys.argv` when None.
    """
    for stream in (sys.stdout, sys.stderr):
        _replace_unencodable(stream)
    with _pipe_may_close():
        app.run(
            lambda rest: _run_reporting_errors(main, rest),
            sys.argv if argv is None else argv,
            flags_parser=_unparsed,
        )
    raise SystemExit(0)


def parse(
    values: flags.FlagValues, argv: list[str], description: str | None, *, positional: bool = False
) -> list[str]:
    """Parses a command line into the flag values of one command.

        values = flags.FlagValues()
        out = flags.DEFINE_string("out", None, "The folder to write.", required=True, flag_values=values)
        console.parse(values, argv, __doc__)
        write(Path(out.value))

    The flag values are private to the command: the process's `flags.FLAGS` are neither read nor changed, so
    that commands with flags of the same names can be imported, and run, in one process. A `~` that the shell
    left in an argument becomes the home folder. `--help` prints the description and the flags and exits
    with 0; a wrong flag prints one sentence and exits with 2.

    Args:
        values: on which the command has defined its flags.
        argv: the command line, the program's name first.
        description: of the command with an example, for `--help`: its module's docstring.
        positional: allows arguments that are not flags.

    Returns:
        The positional arguments.

    Raises:
        UserError: if there are positional arguments and the command takes none.
    """
    program, *arguments = argv
    program = _program(program)
    if any(argument in _HELP for argument in arguments):
        print(help_text(values, program, description))
        sys.exit(0)
    try:
        rest = values([program, *map(_with_home, arguments)])[1:]
        _require_numbers(values)
    except flags.Error as error:
        die(f"{_flag_message(values, error)} (see {program} --help)", _USAGE_EXIT)
    if rest and not positional:
        raise UserError(f"what is {' '.join(rest)!r} for? Values follow their flag, as in --flag=value")
    return rest


def progress(
    work: Iterable[Any] | int, description: str, *, total: int | None = None, unit: str = "it"
) -> tqdm:
    """Progress bar on stderr, or one line every `LOG_SECONDS` if stderr is not a terminal.

    Args:
        work: iterable, or the number of steps of a bar that is updated by `.update(n)`.
        description: text before the bar.
        total: number of steps of an iterable without a length.
        unit: name of one step.

    Returns:
        The bar, an iterable and a context manager.
    """
    description = printable(description)
    if isinstance(work, int):
        work, total = None, work  # type: ignore[assignment]
    if sys.stderr.isatty():
        return tqdm(work, description, total=total, unit=unit, dynamic_ncols=True)
    seconds = float(os.environ.get(LOG_SECONDS_VARIABLE, LOG_SECONDS))
    return _LineBar(work, description, total=total, unit=unit, mininterval=seconds, maxinterval=seconds)


def say(sentence: str) -> None:
    """Prints one line on stderr without breaking a progress bar."""
    if sys.stderr.isatty():
        tqdm.write(printable(sentence), file=sys.stderr)
    else:  # tqdm would repeat the line of every open bar.
        print(printable(sentence), file=sys.stderr, flush=True)


def printable(text: str) -> str:
    """Text with question marks in place of bytes that are not UTF-8, which file names may have."""
    return text.encode("utf-8", "replace").decode("utf-8")


class _LineBar(tqdm):
    """Progress bar for log files: whole lines, the first one after some steps."""

    def display(self, msg: str | None = None, pos: int | None = None) -> None:
        # tqdm draws an empty bar at once.
        if self.n:
            self.fp.write(f"{msg or self}\n")
            self.fp.flush()


@contextlib.contextmanager
def _pipe_may_close() -> Iterator[None]:
    """Exits with `_PIPE_EXIT` if the reader of the output, `head` for instance, closes the pipe."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # The rest of the buffer is discarded, so that Python's last flush does not fail, too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(_PIPE_EXIT)


def _with_home(argument: str) -> str:
    """Argument with a leading `~` that the shell did not expand, as in --flag=~/a, expanded."""
    flag, path = re.fullmatch(r"(--?\w+=)?(.*)", argument, re.DOTALL).groups("")  # type: ignore[union-attr]
    return argument if os.path.lexists(path) else flag + os.path.expanduser(path)


def _replace_unencodable(stream: TextIO) -> None:
    """Makes a stream print question marks for characters that its encoding lacks."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")


def _run_reporting_errors(main: Callable[[list[str]], None], argv: list[str]) -> None:
    logging.set_verbosity(logging.WARNING)  # TensorFlow logs the sharding of checkpoints, for instance
    try:
        main(argv)
    except UserError as error:
        die(str(error), 1)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPT_EXIT)
    except MemoryError:
        die("out of memory: end other programs, or reduce the amount of data per step", 1)
    except OSError as error:
        if error.errno not in _DISK_ERRORS:
            raise
        die(_disk_message(error), 1)


def _disk_message(error: OSError) -> str:
    """Message for a file that cannot be read or written; errors of an open file lack its name."""
    if error.errno in _FULL:
        where = f" ({error.filename})" if error.filename else ""
        return f"the disk is full{where}: free some space and run it again"
    file = error.filename or "a file"
    return f"{file} cannot be read or written ({error.strerror}): name another place, or mend this one"


def _unparsed(argv: list[str]) -> list[str]:
    """The command line as it is: `absl.app` asks for parsed flags, the command parses its own."""
    flags.FLAGS.mark_as_parsed()
    return argv


def help_text(values: flags.FlagValues, program: str, description: str | None) -> str:
    """A command's description and its flags, in alphabetical order."""
    lines = [inspect.cleandoc(description or program), "", "Flags:"]
    for flag in sorted((values[name] for name in values), key=lambda flag: flag.name):
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


def _program(name: str) -> str:
    """The program as the user typed it: its name, or `python -m MODULE`."""
    main = sys.modules["__main__"]
    spec = getattr(main, "__spec__", None)
    if spec is not None and name == sys.argv[0]:
        return f"python -m {spec.name}"
    return os.path.basename(name)


def _flag_message(values: flags.FlagValues, error: flags.Error) -> str:
    if isinstance(error, flags.UnrecognizedFlagError):
        near = difflib.get_close_matches(error.flagname, list(values))
        hint = f"; did you mean --{' or --'.join(near)}?" if near else ""
        return f"there is no flag --{error.flagname}{hint}"
    return "; ".join(_without_absl_prefix(line) for line in str(error).splitlines())


def _require_numbers(values: flags.FlagValues) -> None:
    """Raises flags.IllegalFlagValueError for a NaN, which absl accepts within any bounds."""
    for name in values:
        value = values[name].value
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, float) and math.isnan(each):
                raise flags.IllegalFlagValueError(f"flag --{name}={each}: it is not a number")


def _without_absl_prefix(message: str) -> str:
    flag, _, problem = message.removeprefix("flag ").partition(": ")
    if problem.endswith("must have a value other than None."):
        return f"{flag.removesuffix('=None')} is missing"
    return f"{flag} is not possible: {problem}" if problem else message


def die(sentence: str, code: int) -> NoReturn:
    """Prints one sentence on stderr and exits."""
    print(f"coverband: {sentence}", file=sys.stderr)
    sys.exit(code)
