"""Speed of training on this computer, as the newest run has measured it."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable
from pathlib import Path

from coverband.studio.event_files import EventLog

_TAG = "run/steps_per_second"
_NEWEST = 20
"""Logged values that count."""


def read_log(run: Path) -> EventLog:
    """Event files of a run."""
    log = EventLog(run / "logs")
    log.update()
    return log


def measured(runs: Iterable[Path], log_of: Callable[[Path], EventLog] = read_log) -> float | None:
    """Steps per second of the newest run that has logged its speed; None if there is no such run.

    Args:
        runs: workdirs of runs.
        log_of: returns the event files of a run, read.
    """
    logged = [run for run in runs if (run / "logs").is_dir()]
    for run in sorted(logged, key=lambda run: -(run / "logs").stat().st_mtime):
        speeds = [speed for _, speed in sorted(log_of(run).scalars[_TAG].items())]
        if speeds:
            # The first value has the time in which the step was compiled.
            return statistics.median((speeds[1:] or speeds)[-_NEWEST:])
    return None
