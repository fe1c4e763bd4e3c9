"""Every family's model and batches, made as its train command makes them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
from pipelines.training.devices import Devices

from coverband.families import FAMILIES
from coverband.training_times import model_and_batches
from pipelines import configuration
from pipelines.data.corpus import Corpus
from pipelines.data.loader import open_corpus
from pipelines.data.statistics import crops
from pipelines.errors import UserError
from pipelines.training.config import Preset
from pipelines.training.execution import Execution
from tools.benchmarks.speed.setup import Setup
from transcriber import piano_roll
from transcriber.batches import batches
from transcriber.model import TranscriberModel
from transcriber.transcription_data import Heard, Lesson, statistics

_LESSON_FRAMES = 2048


class Trainable(NamedTuple):
    """New model and what it is trained with.

    Attributes:
        family: its name.
        preset: its name.
        config: of the model.
        model: see `pipelines.nn.model.BaseModel`.
        devices: on which it was built, see `pipelines.training.distribution.Devices`.
        dataset: of endless batches.
    """

    family: str
    preset: str
    config: Any
    model: Any
    devices: Any
    dataset: tf.data.Dataset


def presets(family: str) -> Mapping[str, Preset]:
    """Presets of a family by name; the first is the default."""
    found: Mapping[str, Preset] = FAMILIES[family].load().presets
    return found


def chosen(families: list[str], names: list[str]) -> dict[str, str]:
    """The preset of each family that is to be measured.

    Args:
        families: by name; all of those that `names` are of, or all, if empty.
        names: of presets, where it is not to be a family's first.

    Raises:
        UserError: if there is no such family or preset.
    """
    for family in families:
        if family not in FAMILIES:
            raise UserError(
                f"--families {family}: there is no such family; choose from {', '.join(FAMILIES)}"
            )
    known = {name: family for family in FAMILIES for name in presets(family)}
    for name in names:
        if name not in known:
            raise UserError(f"--presets {name}: there is no such preset; choose from {', '.join(known)}")
    named = {known[name]: name for name in names}
    wanted = families or list(named) or list(FAMILIES)
    return {family: named.get(family, next(iter(presets(family)))) for family in wanted}


def trainable(setup: Setup, family: str) -> Trainable:
    """A new model of a family, in the precision asked for, and its batches."""
    corpus, preset = open_corpus(setup.data), setup.presets.get(family) or next(iter(presets(family)))
    config = dataclasses.replace(presets(family)[preset].config(), spec=corpus.spec)
    own = f"{family}."
    config = configuration.apply(config, [x.removeprefix(own) for x in setup.changes if x.startswith(own)])
    devices = Devices(Execution(precision=setup.precision))
    with devices.building():
        model, dataset = _made(family, config, corpus, setup.scratch)
        model.compile()
    return Trainable(family, preset, config, model, devices, dataset)


def _made(family: str, config: Any, corpus: Corpus, folder: Path) -> tuple[Any, tf.data.Dataset]:
    """Model and batches."""
    if family == "transcriber":
        return _transcriber(config, corpus)
    return model_and_batches(family, config, corpus, folder)


def _transcriber(config: Any, corpus: Corpus) -> tuple[Any, tf.data.Dataset]:
    """The data folder's log-mels with notes drawn at random: what is played has no part in the speed."""
    lessons = list(_lessons(corpus))
    model = TranscriberModel(config)
    model.set_statistics(*statistics(lessons))
    data = config.data
    return model, batches(lessons, frames=data.frames, batch_size=data.batch_size, seed=0)


def _lessons(corpus: Corpus) -> Iterator[Any]:
    chance = np.random.default_rng(0)
    frames = crops(corpus)["band"].reshape(-1, corpus.spec.n_mels).astype(np.float16)
    length = _LESSON_FRAMES / corpus.spec.frame_rate
    for start in range(0, len(frames), _LESSON_FRAMES):
        log_mel = frames[start : start + _LESSON_FRAMES]
        first = chance.uniform(0, length, 200)
        notes = np.stack([first, first + 0.3, chance.integers(40, 80, 200)], axis=1)
        drums = np.stack([first, first + 0.1, chance.integers(35, 52, 200)], axis=1)
        name = f"lesson{start}"
        lesson = Lesson(name, "train", corpus.folder / name, corpus.folder / name)
        yield Heard(
            lesson, log_mel, notes, drums, piano_roll.of_notes(corpus.spec, notes, drums, len(log_mel))
        )
