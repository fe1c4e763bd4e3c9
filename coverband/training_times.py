"""Training times of the presets: as they state them, and estimated on this machine from a few steps."""

from __future__ import annotations

import contextlib
import dataclasses
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import soundfile

from coverband.families import FAMILIES
from pipelines import console
from pipelines.audio.spec import AudioSpec
from pipelines.data import splits, worker_pool
from pipelines.data.loader import open_corpus
from pipelines.data.preparation import prepare
from pipelines.data.schema import DOMAINS, Settings
from pipelines.data.survey.exclusion import sound_minutes, usable_songs
from pipelines.data.survey.survey import DatasetReport
from pipelines.data.survey.training_cost import TrainingCost
from pipelines.training.config import Preset

STEPS = 3
"""Measured steps of each preset."""
_PROGRESS = 0.5
"""Progress of the run at the measured steps: loss weights and the start of discriminators depend on it."""
_WITHOUT_CORPUS = ("base", "transcriber")
"""Families that are not trained on a data folder."""
_SONGS, _SECONDS = 4, 10.0
"""Size of the synthesised corpus, for each domain: a step takes as long with these songs as with others."""


@dataclasses.dataclass(frozen=True)
class Trial:
    """Preset to measure; picklable, since every preset is measured in a process of its own.

    Attributes:
        family: name of the family.
        preset: name of the preset.
        data: data folder.
        folder: for caches, which the presets share.
    """

    family: str
    preset: str
    data: Path
    folder: Path


Measure = Callable[[Trial], float]
"""Seconds of a train step of a preset."""


def training_costs(report: DatasetReport) -> list[TrainingCost]:
    """Training costs of all presets that are trained on a data folder, with the times that they state.

    Args:
        report: on the songs, of which the band's training split gives the number of passes.
    """
    songs = usable_songs(report, "band")
    split = splits.assign_splits([song.name for song in songs])
    minutes = sound_minutes([song for song in songs if split[song.name] == "train"])
    return [
        _training_cost(name, preset, minutes)
        for name, family in FAMILIES.items()
        if name not in _WITHOUT_CORPUS
        for preset in family.load().presets.values()
    ]


def _training_cost(family: str, preset: Preset, band_minutes: float) -> TrainingCost:
    config = preset.config()
    frames = config.steps * config.data.batch_size * config.data.frames
    minutes = frames / config.spec.frame_rate / 60
    passes = minutes / max(band_minutes, 1e-9)
    return TrainingCost(config.preset, family, config.steps, preset.time, minutes, passes)


def measured_costs(
    costs: Sequence[TrainingCost], jobs: int, measure: Measure | None = None
) -> list[TrainingCost]:
    """Training costs with `here`, the estimate on this machine; None for a preset that fails here.

    Args:
        costs: of any presets.
        jobs: number of processes that prepare the synthesised songs.
        measure: called in a fresh process for each preset; None for `seconds_per_step`.
    """
    with tempfile.TemporaryDirectory() as scratch:
        data = _synthesised_corpus(Path(scratch), jobs)
        trials = [Trial(each.family, each.preset, data, Path(scratch)) for each in costs]
        with contextlib.closing(worker_pool.run(measure or seconds_per_step, trials, 1)) as results:
            shown = console.progress(results, "measuring presets", total=len(trials), unit="preset")
            seconds = {trial.preset: result for trial, result in shown}
    return [_with_estimate(each, seconds[each.preset]) for each in costs]


def seconds_per_step(trial: Trial) -> float:
    """Median seconds of STEPS train steps of an untrained model, after the step that traces the graph."""
    # TensorFlow is loaded in the measuring process only.
    from coverband.trainable import Trainable

    corpus = open_corpus(trial.data)
    preset = FAMILIES[trial.family].load().presets[trial.preset]
    config = dataclasses.replace(preset.config(), spec=corpus.spec)
    trainable = Trainable.from_corpus(trial.family, config, corpus, trial.folder)
    step, batch = trainable.train_function(_PROGRESS), next(iter(trainable.dataset))
    seconds = []
    for _ in range(1 + STEPS):
        began = time.perf_counter()
        scalars = step(dict(batch))
        float(next(iter(scalars.values())))  # waits for the device
        seconds.append(time.perf_counter() - began)
    return float(np.median(seconds[1:]))


def _synthesised_corpus(scratch: Path, jobs: int) -> Path:
    """Data folder of a few short synthesised songs in every domain."""
    random = np.random.default_rng(0)
    rate = AudioSpec().sample_rate
    for domain in DOMAINS:
        (scratch / domain).mkdir()
        for number in range(_SONGS):
            soundfile.write(scratch / domain / f"{number}.wav", _synthesised_song(random, rate), rate)
    data = scratch / "data"
    prepare({domain: scratch / domain for domain in DOMAINS}, data, Settings(), jobs)
    return data


def _synthesised_song(random: np.random.Generator, sample_rate: int) -> np.ndarray:
    """Decaying harmonic tones of random pitch, four a second, over weak noise; float [samples]."""
    song = random.normal(scale=0.003, size=round(_SECONDS * sample_rate))
    time_ = np.arange(sample_rate // 4) / sample_rate
    for start in range(0, len(song) - len(time_) + 1, len(time_)):
        pitch = 110 * 2 ** (random.integers(0, 36) / 12)
        tone = sum(np.sin(2 * np.pi * pitch * partial * time_) / partial for partial in range(1, 7))
        song[start : start + len(time_)] += 0.2 * tone * np.exp(-6 * time_)
    return song


def _with_estimate(cost: TrainingCost, seconds: float | Exception) -> TrainingCost:
    if isinstance(seconds, Exception):
        console.say(f"{cost.preset} cannot be trained here: {seconds or type(seconds).__name__}")
        return cost
    return dataclasses.replace(cost, here=cost.steps * seconds / 60)
