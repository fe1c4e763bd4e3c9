"""Training of a translation model from the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras
import tensorflow as tf

from pipelines import console
from pipelines.audio.inversion import Inverter
from pipelines.data import augmentation, summary
from pipelines.data.batching import StepShard, unpaired_batches
from pipelines.data.corpus import Corpus
from pipelines.data.excerpts import validation_clips
from pipelines.data.feature_cache import FrameFeatures
from pipelines.data.loader import open_corpus
from pipelines.nn.model import TranslationModel
from pipelines.nn.neural_vocoder import checkpoint as vocoder_checkpoint
from pipelines.nn.neural_vocoder.files import kept
from pipelines.training import batch_source
from pipelines.training.callbacks.checkpoint import Checkpoint
from pipelines.training.callbacks.evaluation import Evaluation
from pipelines.training.callbacks.limits import Limit
from pipelines.training.callbacks.tensorboard import Previews, Reports, Scalars
from pipelines.training.evaluator import Evaluator, ValidationSongs
from pipelines.training.flags import TrainFlags
from pipelines.training.saving import Best
from pipelines.training.setup import Run, opened, report
from pipelines.training.summaries import Summaries
from pipelines.training.trainer import Batches, Outcome, Trainer

CLIPS, CLIP_SECONDS = 3, 4.0
"""Validation clips of each domain for TensorBoard, and their length."""

Build = Callable[[Run, Corpus], TranslationModel]
FeaturesOf = Callable[[Corpus, Path], FrameFeatures]
"""Makes the features that every batch has beside log-mels, from the data and the run's folder."""


def train(
    model_class: type[TranslationModel],
    flags: TrainFlags,
    features: FeaturesOf | None = None,
    build: Build | None = None,
    finish: Callable[[Path], None] | None = None,
) -> None:
    """Trains as the command line says, and exits like any interrupted program when a signal stopped it.

    Args:
        model_class: the family.
        flags: the command line.
        features: see `FeaturesOf`; None for a family without such features.
        build: makes the model of a run; its class' `from_data` if None.
        finish: of the folder of a run that has reached its end, with its translator; None for nothing.

    Raises:
        UserError: if the data, the workdir or a flag does not fit.
        SystemExit: 130 after Ctrl-C, 143 after SIGTERM; the run is saved.
    """
    corpus = open_corpus(flags.data)
    batch_source.require(flags, corpus)
    with opened(model_class.family, model_class.presets, flags, corpus.spec) as run:
        best = Best.of(run.workdir, flags.keep_best) if run.devices.is_chief else None
        with run.devices.chief_first():
            frame_features = features and features(corpus, run.workdir.path)
        for sentence in summary.short_song_warnings(corpus.manifest, run.config.data.frames):
            console.say(sentence)
        console.say("building the model, from statistics of the songs")
        with run.devices.building():
            model = build(run, corpus) if build else model_class.from_data(run.config, corpus)
            model.compile(gradient_accumulation_steps=run.gradient_accumulation_steps)
        outcome = fit(model, run, flags, corpus, _batches(flags, corpus, run, frame_features), best)
        if finish and run.devices.is_chief and outcome.signal is None:
            finish(run.workdir.path)
    if best is not None:
        console.say(str(best))
    report(outcome, run.workdir, f"translate with --model {run.workdir.path}")


def fit(
    model: TranslationModel, run: Run, flags: TrainFlags, corpus: Corpus, batches: Batches, best: Best | None
) -> Outcome:
    """Trains a model with all callbacks of a run."""
    limit = Limit(run.budget)
    checkpoint = Checkpoint(
        run.workdir.checkpoints,
        flags.cadence.checkpoint_every,
        save_network=lambda: model.save_translator(run.workdir.translator),
        extra={"seconds": limit.seconds},
        writes=run.devices.is_chief,
    )
    callbacks = _callbacks(model, run, flags, corpus, limit, checkpoint, best) if run.devices.is_chief else []
    trainer = Trainer(model, limit=limit, checkpoint=checkpoint, callbacks=callbacks, devices=run.devices)
    return trainer.fit(batches)


def _callbacks(
    model: TranslationModel,
    run: Run,
    flags: TrainFlags,
    corpus: Corpus,
    limit: Limit,
    checkpoint: Checkpoint,
    best: Best | None,
) -> list[keras.callbacks.Callback]:
    """Callbacks of the chief."""
    clips = validation_clips(corpus, frames=_frames(corpus, model), count=CLIPS)
    summaries = Summaries(run.workdir.logs, corpus.spec, clips, _inverter(flags, corpus, run))
    cadence = flags.cadence
    scalars = Scalars(summaries, cadence.log_every, settings=run.settings, limit=limit, checkpoint=checkpoint)

    def evaluator() -> Evaluator:
        songs = ValidationSongs.of(corpus, model.frame_geometry[1])
        return Evaluator(songs, model)

    return [
        scalars,
        Previews(summaries, cadence.summary_every, scalars=scalars),
        Evaluation(evaluator, summaries, cadence.evaluation_steps, best),
        Reports(run.workdir.logs, corpus, clips),
    ]


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

    return batch_source.of(flags, batches)


def _inverter(flags: TrainFlags, corpus: Corpus, run: Run) -> Inverter | None:
    """The vocoder of the run, which stays in its folder for `coverband translate`; None for Griffin-Lim."""
    named = flags.vocoder or kept(run.workdir.path)
    if named is None:
        return None
    vocoder = vocoder_checkpoint.load_for(named, corpus.spec, str(flags.data))
    vocoder_checkpoint.keep(named, run.workdir.path)
    return vocoder


def _frames(corpus: Corpus, model: TranslationModel) -> int:
    """Frames of a validation clip: about `CLIP_SECONDS`, in whole steps of the translator's grid."""
    multiple = model.frame_geometry[1]
    wanted = min(round(CLIP_SECONDS * corpus.spec.frame_rate), corpus.segment_frames)
    return max(wanted // multiple, 1) * multiple
