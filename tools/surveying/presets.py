"""Training cost of every preset: the time that its docstring states, and passes over the band's songs."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import re
from collections.abc import Callable
from typing import Any

from pipelines.data import songs as splitting
from pipelines.data.survey.survey import Survey
from tools.cli import FAMILIES
from tools.surveying.amounts import minutes, usable

_OTHER_DATA = ("listener",)
"""Families that learn from something else than two folders of songs."""


@dataclasses.dataclass(frozen=True)
class Training:
    """One preset.

    Attributes:
        preset: its name.
        family: as `coverband train` takes it.
        steps: training steps.
        time: what its docstring says of time, which was measured on the machine that it names.
        heard: minutes of clips of a domain that it hears in all steps.
        passes: how often that is the band's training songs.
        here: minutes that all steps take on this machine; None if that was not tried, or failed.
    """

    preset: str
    family: str
    steps: int
    time: str
    heard: float
    passes: float
    here: float | None = None

    @property
    def lasts(self) -> str:
        """Training time: on this machine if it was measured, else as the preset's docstring states it."""
        return self.time if self.here is None else f"{self.steps:,} steps in {_clock(self.here)} here"


def trainings(survey: Survey) -> list[Training]:
    """Every preset of the families that learn from a data folder."""
    songs = usable(survey, "band")
    splits = splitting.split([song.name for song in songs])
    learned = minutes([song for song in songs if splits[song.name] == "train"])
    found = []
    for family, command in FAMILIES.items():
        if family not in _OTHER_DATA:
            module = importlib.import_module(command.module.rpartition(".")[0] + ".presets")
            found += [_training(family, preset, learned) for preset in module.PRESETS.values()]
    return found


def _training(family: str, preset: Callable[[], Any], band: float) -> Training:
    config = preset()
    frames = config.steps * config.data.batch_size * config.data.frames
    heard = frames / config.spec.frame_rate / 60
    return Training(config.preset, family, config.steps, stated(preset), heard, heard / max(band, 1e-9))


def stated(preset: Callable[[], Any]) -> str:
    """Training time that a preset's docstring states: its line "Time:", else its first paragraph."""
    text = inspect.getdoc(preset) or ""
    found = re.search(r"^Time: (.+?)(?=\n\w+[^\n]*:|\Z)", text, re.MULTILINE | re.DOTALL)
    return " ".join((found.group(1) if found else text.partition("\n\n")[0]).split()).rstrip(".")


def _clock(minutes: float) -> str:
    return f"{minutes:.0f} minutes" if minutes < 120 else f"{minutes / 60:.0f} hours"
