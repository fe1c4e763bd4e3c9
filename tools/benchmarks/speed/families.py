"""Models and batches of the families, built as by their train commands."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from coverband.families import FAMILIES
from coverband.trainable import Trainable
from pipelines import configuration
from pipelines.data.corpus import Corpus
from pipelines.data.loader import open_corpus
from pipelines.data.statistics import training_crops
from pipelines.errors import UserError
from pipelines.training.config import Execution, Preset
from pipelines.training.distribution import Devices
from tools.benchmarks.speed.setup import Setup
from transcriber import piano_roll
from transcriber.batches import batches
from transcriber.content import NOTE_LOGITS
from transcriber.loaders import transcriber_of
from transcriber.model import TranscriberModel
from transcriber.transcription_data import Example, Recording, statistics
from vaegan.base.model import Base
from vaegan.base.pairs import Pairs
from vaegan.base.pairs import batches as pairs_of
from vaegan.base.recordings import TranscribedRecording

_EXCERPT_FRAMES = 2048


def presets(family: str) -> Mapping[str, Preset]:
    """Presets of a family by name; the first is the default."""
    found: Mapping[str, Preset] = FAMILIES[family].load().presets
    return found


def chosen(families: list[str], names: list[str]) -> dict[str, str]:
    """Preset by family that is measured.

    Args:
        families: names of families; if empty, those of the presets in `names`, or else all.
        names: presets to use in place of the first ones of their families.

    Raises:
        UserError: if a family or preset does not exist.
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
    """Untrained model of a family, in the setup's precision, and its batches."""
    corpus, preset = open_corpus(setup.data), setup.presets.get(family) or next(iter(presets(family)))
    config = dataclasses.replace(presets(family)[preset].config(), spec=corpus.spec)
    prefix = f"{family}."
    changes = [each.removeprefix(prefix) for each in setup.changes if each.startswith(prefix)]
    config = configuration.apply(config, changes)
    if family == "transcriber":
        return _transcriber(config, corpus, Devices(Execution(precision=setup.precision)))
    if family == "base":
        return _base(config, corpus, Devices(Execution(precision=setup.precision)))
    return Trainable.from_corpus(family, config, corpus, setup.scratch, setup.precision)


def _transcriber(config: Any, corpus: Corpus, devices: Devices) -> Trainable:
    """Model and batches of the transcriber, with random notes: the speed does not depend on them."""
    excerpts, data = list(_random_excerpts(corpus)), config.data
    with devices.building():
        model = TranscriberModel(config)
        model.set_statistics(*statistics(excerpts))
        model.compile()
        dataset = batches(excerpts, frames=data.frames, batch_size=data.batch_size, seed=0)
    return Trainable("transcriber", config, model, devices, dataset)


def _base(config: Any, corpus: Corpus, devices: Devices) -> Trainable:
    """Model and batches of the base, of excerpts that are all twins and with empty note logits."""
    recordings = [
        dataclasses.replace(
            TranscribedRecording.of(each, np.zeros((len(each.log_mel), NOTE_LOGITS), np.float16)),
            excerpt="one",
        )
        for each in _random_excerpts(corpus)
    ]
    pairs = Pairs(recordings, config.data.frames, config.style_frames)
    with devices.building():
        model = Base.from_recordings(config, transcriber_of(corpus), recordings)
        model.compile()
        dataset = pairs_of(pairs, config.data.batch_size, seed=0)
    return Trainable("base", config, model, devices, dataset)


def _random_excerpts(corpus: Corpus) -> Iterator[Example]:
    random = np.random.default_rng(0)
    frames = training_crops(corpus)["band"].reshape(-1, corpus.spec.n_mels).astype(np.float16)
    length = _EXCERPT_FRAMES / corpus.spec.frame_rate
    for start in range(0, len(frames), _EXCERPT_FRAMES):
        log_mel = frames[start : start + _EXCERPT_FRAMES]
        first = random.uniform(0, length, 200)
        notes = np.stack([first, first + 0.3, random.integers(40, 80, 200)], axis=1)
        drums = np.stack([first, first + 0.1, random.integers(35, 52, 200)], axis=1)
        name = f"excerpt{start}"
        recording = Recording(name, "train", corpus.folder / name, corpus.folder / name, name)
        yield Example(
            recording, log_mel, notes, drums, piano_roll.from_notes(corpus.spec, notes, drums, len(log_mel))
        )
