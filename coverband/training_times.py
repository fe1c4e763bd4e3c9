"""Training time on this machine, estimated from a few steps of every preset on synthesised songs."""

from __future__ import annotations

import contextlib
import dataclasses
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile

from coverband.families import FAMILIES
from pipelines import console
from pipelines.data import songs as splitting
from pipelines.data import worker_pool
from pipelines.data.corpus import Corpus
from pipelines.data.preparation import prepare
from pipelines.data.schema import DOMAINS, Settings
from pipelines.data.survey.amounts import minutes, usable
from pipelines.data.survey.survey import Survey
from pipelines.data.survey.training_cost import Training
from pipelines.training.config import Preset

if TYPE_CHECKING:  # TensorFlow takes seconds to load.
    import tensorflow as tf

STEPS = 3
_OTHER_DATA = ("transcriber",)
"""Families that are trained on something else than two folders of songs."""
_SONGS, _SECONDS, _RATE = 3, 15, 44100
"""Synthesised songs of a domain, their length, and their sample rate."""


@dataclasses.dataclass(frozen=True)
class Trial:
    """Preset whose steps are timed.

    Attributes:
        family: as in `coverband train`.
        preset: a key of the family's presets.
        data: data folder.
    """

    family: str
    preset: str
    data: Path


Timer = Callable[[Trial], float]
"""Function that returns the seconds of a step of a preset; called in a fresh process."""


def trainings(survey: Survey) -> list[Training]:
    """Every preset of the families that are trained on a data folder."""
    songs = usable(survey, "band")
    splits = splitting.split([song.name for song in songs])
    learned = minutes([song for song in songs if splits[song.name] == "train"])
    return [
        _training(name, preset, learned)
        for name, family in FAMILIES.items()
        if name not in _OTHER_DATA
        for preset in family.load().presets.values()
    ]


def _training(family: str, preset: Preset, band: float) -> Training:
    config = preset.config()
    frames = config.steps * config.data.batch_size * config.data.frames
    clips = frames / config.spec.frame_rate / 60
    return Training(config.preset, family, config.steps, preset.time, clips, clips / max(band, 1e-9))


def tried(presets: Sequence[Training], jobs: int, timer: Timer | None = None) -> list[Training]:
    """The same with `here`; None where a preset cannot be trained on this machine.

    Args:
        presets: of any families.
        jobs: processes that prepare the synthesised songs.
        timer: None for `seconds_per_step`.
    """
    with tempfile.TemporaryDirectory() as scratch:
        data = _synthesised(Path(scratch), jobs)
        trials = [Trial(each.family, each.preset, data) for each in presets]
        with contextlib.closing(worker_pool.run(timer or seconds_per_step, trials, 1)) as results:
            shown = console.progress(results, "trying presets", total=len(trials), unit="preset")
            found = {trial.preset: seconds for trial, seconds in shown}
    return [_with_time(each, found[each.preset]) for each in presets]


def seconds_per_step(trial: Trial) -> float:
    """Median time of some steps of a new model, after the first, in which the graph is traced."""
    from pipelines.data.loader import open_corpus
    from pipelines.training.distribution import Devices

    corpus, devices = open_corpus(trial.data), Devices()
    config = FAMILIES[trial.family].load().presets[trial.preset].config()
    # Beside the data, so that all presets share the transcriber's features.
    model, dataset = model_and_batches(trial.family, config, corpus, trial.data.parent)
    model.compile()
    step, batch = devices.steps(model), next(iter(dataset))
    seconds = []
    for _ in range(STEPS + 1):
        began = time.perf_counter()
        logs = step([batch])
        float(next(iter(logs.values())))
        seconds.append(time.perf_counter() - began)
    return float(np.median(seconds[1:]))


def model_and_batches(family: str, config: Any, corpus: Corpus, folder: Path) -> tuple[Any, tf.data.Dataset]:
    """New model of a family, and its batches, as its train command makes them.

    Args:
        family: as in `coverband train`; one that is trained on a data folder.
        config: of the family.
        corpus: opened data folder.
        folder: where features of the songs are stored.
    """
    from pipelines.data.batching import unpaired_batches
    from transcriber.content_model import ContentModel
    from transcriber.loaders import heard_in

    model_class = FAMILIES[family].load()
    options: dict[str, Any] = {}
    if family == "vocoder":
        model, options = model_class(config), {"waveforms": True}
    else:
        model = model_class.from_data(config, corpus)
    if issubclass(model_class, ContentModel):
        options = {"companion": heard_in(corpus, folder)}
    data = config.data
    dataset = unpaired_batches(corpus, frames=data.frames, batch_size=data.batch_size, seed=0, **options)
    return model, dataset


def _synthesised(folder: Path, jobs: int) -> Path:
    """Data folder of noise, which takes a step as long as music."""
    chance = np.random.default_rng(0)
    for domain in DOMAINS:
        (folder / domain).mkdir()
        for i in range(_SONGS):
            noise = 0.1 * chance.standard_normal(_SECONDS * _RATE)
            soundfile.write(folder / domain / f"{i}.wav", noise, _RATE)
    prepare({domain: folder / domain for domain in DOMAINS}, folder / "data", Settings(), jobs)
    return folder / "data"


def _with_time(training: Training, seconds: float | Exception) -> Training:
    if isinstance(seconds, Exception):
        console.say(f"{training.preset} cannot be trained here: {seconds or type(seconds).__name__}")
        return training
    return dataclasses.replace(training, here=training.steps * seconds / 60)
