"""From the command line to a translator in training: the part of a train binary that families share."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf

from pipelines import console
from pipelines.audio.inversion import Inverter
from pipelines.data import augmentation, summary
from pipelines.data.batching import StepShard, unpaired_batches
from pipelines.data.corpus import Corpus
from pipelines.data.excerpts import validation_clips
from pipelines.data.feature_cache import FrameFeatures
from pipelines.data.loader import open_corpus
from pipelines.nn.neural_vocoder import checkpoint
from pipelines.training import closing, experiment, feeding
from pipelines.training.best import Best
from pipelines.training.evaluation import Evaluation
from pipelines.training.flags import TrainFlags
from pipelines.training.judge import Judge
from pipelines.training.loop import Batches, Outcome
from pipelines.training.opening import Presets, Run, opened, report
from pipelines.training.protocol import Trainable
from pipelines.training.validation import ValidationSongs

CLIPS = 3
CLIP_SECONDS = 4.0


@dataclasses.dataclass(frozen=True)
class Family:
    """Model family: its name, its presets and the functions that build its model and extra features.

    Attributes:
        name: "cyclegan", for instance.
        presets: by name, functions that make a configuration; the first is the default.
        build: makes the model, with everything built, from a configuration and the data.
        frame_features: makes the features that every batch has beside log-mels, from the data and the run's
            folder; None for a family without such features.
    """

    name: str
    presets: Presets
    build: Callable[[Any, Corpus], Trainable]
    frame_features: Callable[[Corpus, Path], FrameFeatures] | None = None


def run(family: Family, flags: TrainFlags) -> None:
    """Trains as the command line says, and exits like any interrupted program when a signal stopped it.

    Raises:
        UserError: if the data, the workdir or a flag does not fit.
        SystemExit: 130 after Ctrl-C, 143 after SIGTERM; what was learnt is saved.
    """
    corpus = open_corpus(flags.data)
    feeding.require(flags, corpus)
    with opened(family.name, family.presets, flags, corpus.spec) as opened_run:
        best = Best.of(opened_run.workdir, flags.keep_best) if opened_run.devices.is_chief else None
        outcome = _train(family, flags, corpus, opened_run, best)
    if best is not None:
        console.say(str(best))
    report(outcome, opened_run.workdir, f"translate with --model {opened_run.workdir.path}")


def _train(family: Family, flags: TrainFlags, corpus: Corpus, run: Run, best: Best | None) -> Outcome:
    with run.devices.chief_first():
        frame_features = family.frame_features and family.frame_features(corpus, run.workdir.path)
    for sentence in summary.short_song_warnings(corpus.manifest, run.config.data.frames):
        console.say(sentence)
    console.say("building the model, from statistics of the songs")
    with run.devices.building():
        model = family.build(run.config, corpus)
    clips = validation_clips(corpus, frames=_frames(corpus, model), count=CLIPS)
    outcome = experiment.train(
        model,
        _batches(flags, corpus, run, frame_features),
        workdir=run.workdir,
        spec=corpus.spec,
        budget=run.budget,
        clips=clips,
        cadence=flags.cadence,
        evaluation=Evaluation(lambda: _judge(corpus, model), best),
        inverter=_inverter(flags, corpus, run),
        devices=run.devices,
    )
    if outcome.signal is None and run.devices.is_chief:
        closing.show(run.workdir.logs, corpus, model, clips)
    return outcome


def _batches(flags: TrainFlags, corpus: Corpus, run: Run, frame_features: FrameFeatures | None) -> Batches:
    data = run.config.data
    augment = augmentation.from_config(data.augment, data.frames, corpus.spec.n_mels)

    def batches(first: int, step_shard: StepShard) -> tf.data.Dataset:
        return unpaired_batches(
            corpus,
            frames=data.frames,
            batch_size=data.batch_size,
            seed=run.seed,
            first_step=first,
            frame_features=frame_features,
            augment=augment,
            step_shard=step_shard,
        )

    return feeding.of(flags, batches)


def _inverter(flags: TrainFlags, corpus: Corpus, run: Run) -> Inverter | None:
    """The vocoder of the run, which stays in its folder for `coverband translate`; None for Griffin-Lim."""
    named = flags.vocoder or checkpoint.kept(run.workdir.path)
    if named is None:
        return None
    vocoder = checkpoint.load_for(named, corpus.spec, str(flags.data))
    if run.devices.is_chief:
        checkpoint.keep(named, run.workdir.path)
    return vocoder


def _judge(corpus: Corpus, model: Trainable) -> Judge:
    songs = ValidationSongs.of(corpus, model.translator_card().time_multiple)
    return Judge(songs, model.translator)


def _frames(corpus: Corpus, model: Trainable) -> int:
    """Frames of a validation clip: about `CLIP_SECONDS`, in whole steps of the translator's grid."""
    multiple = model.translator_card().time_multiple
    wanted = min(round(CLIP_SECONDS * corpus.spec.frame_rate), corpus.segment_frames)
    return max(wanted // multiple, 1) * multiple
