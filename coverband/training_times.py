"""Training time on this machine, estimated from a few steps of every preset with the demo's songs."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import inspect
import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from coverband.families import FAMILIES
from pipelines import console
from pipelines.audio.spec import AudioSpec
from pipelines.data import songs as splitting
from pipelines.data import worker_pool
from pipelines.data.preparation import prepare
from pipelines.data.schema import DOMAINS, Settings
from pipelines.data.survey.amounts import minutes, usable
from pipelines.data.survey.survey import Survey
from pipelines.data.survey.training_cost import Training
from tools.benchmarks.speed.setup import Setup
from tools.benchmarks.timing import timed
from tools.demo import DEMO_SONGS

STEPS = 3
_OTHER_DATA = ("transcriber",)
"""Families that learn from something else than two folders of songs."""

Trial = Callable[[Setup], float]
"""Gives the seconds of a step of the setup's one preset; to be called in a fresh process."""


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


def tried(trainings: Sequence[Training], jobs: int, trial: Trial | None = None) -> list[Training]:
    """The same with `here`; None where a preset cannot be trained on this machine.

    Args:
        trainings: of any presets.
        jobs: processes that prepare the demo's songs; a step takes as long with these as with others.
        trial: None for `seconds_per_step`.
    """
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(scratch) / "data"
        prepare({domain: DEMO_SONGS / domain for domain in DOMAINS}, data, Settings(), jobs)
        setups = [_setup(each, data) for each in trainings]
        with contextlib.closing(worker_pool.run(trial or seconds_per_step, setups, 1)) as trials:
            shown = console.progress(trials, "trying presets", total=len(setups), unit="preset")
            found = {preset: seconds for setup, seconds in shown for preset in setup.presets.values()}
    return [_told(each, found[each.preset]) for each in trainings]


def seconds_per_step(setup: Setup) -> float:
    """The median of some steps of a new model, after the first, in which the graph is made."""
    from tools.benchmarks.speed.steps import Ours

    (family,) = setup.presets
    step = Ours(setup, family)
    step()
    return float(np.median([timed(step) for _ in range(STEPS)]))


def _setup(training: Training, data: Path) -> Setup:
    return Setup(
        data=str(data),
        spec=AudioSpec(),
        songs=(),
        presets={training.family: training.preset},
        changes=(),
        precision="float32",
        models=(),
        seconds=0.0,
        iterations=1,
        scratch=data.parent,  # of all presets, so that the transcriber hears the songs once
    )


def _told(training: Training, seconds: float | Exception) -> Training:
    if isinstance(seconds, Exception):
        console.say(f"{training.preset} cannot be trained here: {seconds or type(seconds).__name__}")
        return training
    return dataclasses.replace(training, here=training.steps * seconds / 60)
