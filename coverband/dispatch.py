"""Dispatch of a command line to one of several binaries; only the chosen one is imported."""

from __future__ import annotations

import dataclasses
import difflib
import importlib
import sys
from collections.abc import Mapping

from pipelines import console

_HELP = ("--help", "-help", "-h", "help")


@dataclasses.dataclass(frozen=True)
class Command:
    """Command that runs one binary.

    Attributes:
        module: module with a function `main`, see `pipelines.console.run`.
        summary: line of --help.
        extra: optional dependencies that it requires, by their name in pyproject.toml; empty for none.
    """

    module: str
    summary: str
    extra: str = ""


@dataclasses.dataclass(frozen=True)
class Group:
    """Group of commands, of which another argument names one.

    Attributes:
        kind: kind of that argument, "family" for instance.
        summary: line of --help.
        commands: the commands and groups by name.
    """

    kind: str
    summary: str
    commands: Mapping[str, Command | Group]


Entry = Command | Group


def dispatch(program: str, commands: Mapping[str, Entry], arguments: list[str]) -> None:
    """Runs the command named by the first arguments, and exits with its exit code.

    Args:
        program: name of the program, for messages.
        commands: commands and groups by name.
        arguments: the command line, without the program.
    """
    entry, program, rest = _chosen(program, "command", commands, arguments)
    while isinstance(entry, Group):
        entry, program, rest = _chosen(program, entry.kind, entry.commands, rest)
    # Imported here, so that --help and mistyped names do not load TensorFlow, which takes seconds.
    try:
        module = importlib.import_module(entry.module)
    except ModuleNotFoundError as error:
        if not entry.extra:
            raise
        console.die(f"{program} needs {error.name}: pip install 'coverband[{entry.extra}]'", 1)
    console.run(module.main, [program, *rest])


def _chosen(
    program: str, kind: str, table: Mapping[str, Entry], arguments: list[str]
) -> tuple[Entry, str, list[str]]:
    """Entry named by the first argument, the program's name with it, and the other arguments."""
    if not arguments or arguments[0] in _HELP:
        print(_help(program, kind, table))
        sys.exit(0 if arguments else 2)
    name = arguments[0]
    if name not in table:
        console.die(f"there is no {kind} {name!r}{_hint(name, table)} (see {program} --help)", 2)
    return table[name], f"{program} {name}", arguments[1:]


def _help(program: str, kind: str, table: Mapping[str, Entry]) -> str:
    lines = [f"usage: {program} {kind.upper()} --flag=value ...", ""]
    width = max(map(len, table))
    lines += [f"  {name:<{width}}  {entry.summary}" for name, entry in table.items()]
    return "\n".join([*lines, "", f"{program} {kind.upper()} --help shows an example and the flags."])


def _hint(name: str, table: Mapping[str, Entry]) -> str:
    near = difflib.get_close_matches(name, table)
    return f"; did you mean {' or '.join(near)}?" if near else f": choose from {', '.join(table)}"
