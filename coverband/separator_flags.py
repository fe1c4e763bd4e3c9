"""Flags of the commands that have songs separated into voice and accompaniment."""

from __future__ import annotations

from absl import flags

from pipelines.stems.separators import ENVIRONMENT, KINDS


def define(
    values: flags.FlagValues, use: str
) -> tuple[flags.FlagHolder[str | None], flags.FlagHolder[float | None]]:
    """Defines --separator and --separator_timeout.

    Args:
        values: of the command.
        use: the flag for which they are.
    """
    separator = flags.DEFINE_string(
        "separator",
        None,
        f"For {use}: the program that separates songs, which is no part of Coverband: {KINDS}. A function "
        f"is called with the song and the output folder. By default, that in the variable {ENVIRONMENT}.",
        flag_values=values,
    )
    timeout = flags.DEFINE_float(
        "separator_timeout",
        None,
        "Seconds after which the separator is ended (default: ten minutes, and 30 times the song's length).",
        lower_bound=1.0,
        flag_values=values,
    )
    return separator, timeout
