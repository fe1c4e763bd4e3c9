"""Progress and messages of a task, from the end of its log."""

from __future__ import annotations

import dataclasses
import os
import re
from pathlib import Path

_TAIL_BYTES = 1 << 16
_BAR = re.compile(
    r"(?P<what>.*?): +\d+%\|.*\| (?P<done>[\d.]+)/(?P<total>[\d.]+) \[(?P<elapsed>[\d:]+)<(?P<left>[\d:?]+)"
)
"""Line of a progress bar by tqdm."""
_PREFIX = "coverband: "


@dataclasses.dataclass(frozen=True)
class Progress:
    """Progress of a task.

    Attributes:
        what: text of the newest progress bar; empty if there is none yet.
        fraction: share of that bar, 0 to 1; None if it is not known.
        done: steps that are done.
        total: steps in all.
        seconds_left: of that bar; None if it is not known.
        message: newest line that is no bar.
    """

    what: str = ""
    fraction: float | None = None
    done: float = 0
    total: float = 0
    seconds_left: int | None = None
    message: str = ""


def read(log: Path) -> Progress:
    """Progress by a log; nothing if there is no log yet."""
    lines = [line for line in re.split(r"[\r\n]+", _tail(log)) if line.strip()]
    bar, message = None, ""
    for line in reversed(lines):
        found = _BAR.match(line)
        if found and bar is None:
            bar = found
        elif not found and not message:
            message = line.strip().removeprefix(_PREFIX)
        if bar and message:
            break
    if bar is None:
        return Progress(message=message)
    done, total = float(bar["done"]), float(bar["total"])
    fraction = min(done / total, 1.0) if total else None
    return Progress(bar["what"], fraction, done, total, _seconds(bar["left"]), message)


def _tail(log: Path) -> str:
    try:
        with log.open("rb") as file:
            file.seek(max(file.seek(0, os.SEEK_END) - _TAIL_BYTES, 0))
            return file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""


def _seconds(clock: str) -> int | None:
    """Seconds of tqdm's "1:02:03"; None of "?"."""
    if "?" in clock:
        return None
    seconds = 0
    for part in clock.split(":"):
        seconds = 60 * seconds + int(part)
    return seconds
