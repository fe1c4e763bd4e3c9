"""Training time on this machine, estimated from a few steps of every preset with the demo's songs."""

from __future__ import annotations

import contextlib
import dataclasses
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from pipelines import console
from pipelines.audio.spec import AudioSpec
from pipelines.data import workers
from pipelines.data.preparing import prepare
from pipelines.data.schema import DOMAINS, Settings
from tools.pairs import DEMO_SONGS
from tools.speed.measuring import timed
from tools.speed.setup import Setup
from tools.surveying.presets import Training

STEPS = 3

Trial = Callable[[Setup], float]
"""Gives the seconds of a step of the setup's one preset; to be called in a fresh process."""


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
        with contextlib.closing(workers.run(trial or seconds_per_step, setups, 1)) as trials:
            shown = console.progress(trials, "trying presets", total=len(setups), unit="preset")
            found = {preset: seconds for setup, seconds in shown for preset in setup.presets.values()}
    return [_told(each, found[each.preset]) for each in trainings]


def seconds_per_step(setup: Setup) -> float:
    """The median of some steps of a new model, after the first, in which the graph is made."""
    from tools.speed.steps import Ours

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
        scratch=data.parent,  # of all presets, so that the listener hears the songs once
    )


def _told(training: Training, seconds: float | Exception) -> Training:
    if isinstance(seconds, Exception):
        console.say(f"{training.preset} cannot be trained here: {seconds or type(seconds).__name__}")
        return training
    return dataclasses.replace(training, here=training.steps * seconds / 60)
