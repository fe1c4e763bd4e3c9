"""Trains a vocoder on the band's recordings: from log-mels and a source's phase to sound.

Presets: vocoder_tiny (two cores, half an hour).

    coverband train vocoder --data data/ --workdir runs/vocoder --minutes 30
    coverband train vocoder --data data/ --workdir runs/vocoder --resume --minutes 60
    coverband train vocoder --data data/ --workdir runs/tuned --init runs/vocoder --translator runs/mine

Then: coverband translate --model runs/mine --vocoder runs/tuned --input song.mp3 --output cover.wav
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from absl import flags

from pipelines import console
from pipelines.data.batching import StepShard, unpaired_batches
from pipelines.data.corpus import Corpus
from pipelines.data.excerpts import validation_clips
from pipelines.data.loader import open_corpus
from pipelines.data.statistics import training_crops
from pipelines.errors import UserError
from pipelines.inference.loading import load_trained
from pipelines.inference.windows import TranslateFn, translate_whole
from pipelines.nn.neural_vocoder import checkpoint
from pipelines.nn.translator import translate
from pipelines.training import batch_source
from pipelines.training import flags as training_flags
from pipelines.training.callbacks.checkpoint import Checkpoint
from pipelines.training.callbacks.limits import Limit
from pipelines.training.callbacks.tensorboard import Scalars
from pipelines.training.flags import TrainFlags
from pipelines.training.setup import Run, opened, report
from pipelines.training.summaries import Events
from pipelines.training.trainer import Outcome, Trainer
from transcriber import content
from vocoder.callbacks import ValidationClips, VocoderEvaluation, VocoderPreviews
from vocoder.config import PRESETS, Config
from vocoder.model import VocoderModel

_CLIPS, _SECONDS = 3, 4.0

_INIT = (
    "The weights of another vocoder of the same size to start from: a run's workdir, a vocoder.npz, or "
    "shipped for the one that comes with Coverband (default: random weights). A resumed run goes on from its "
    "own."
)


def build(config: Config, data: str, clips: Callable[[], np.ndarray]) -> VocoderModel:
    """Vocoder, trained on a translator's log-mels if the configuration names one.

    Args:
        config: of the run.
        data: name of the data folder, for the sentence if the translator does not fit.
        clips: reads the band's clips, log-mels [clips, frames, n_mels, 1].

    Raises:
        UserError: if there is no such translator, or it has another spec.
    """
    return VocoderModel(config, _translate(config, data, clips) if config.translator else None)


def _translate(config: Config, data: str, clips: Callable[[], np.ndarray]) -> TranslateFn:
    """Translator of the band's own songs: its levels are theirs instead of other songs'."""
    assert config.translator is not None
    translator = load_trained(Path(config.translator))
    translator.spec.require_equal(config.spec, config.translator, data)
    if content.has_levels(translator.model):
        content.set_levels(translator.model, clips())
    network = functools.partial(translate, translator.model)
    return lambda log_mel: translate_whole(tf, network, log_mel, translator.card.time_multiple)


def initialize(model: VocoderModel, path: Path) -> None:
    """Sets the weights of another vocoder.

    Raises:
        UserError: if there is none, it has another spec, or its network has other sizes.
    """
    other = checkpoint.load_for(path, model.config.spec, "the data")
    if [weight.shape for weight in other.network.weights] != [w.shape for w in model.network.weights]:
        raise UserError(
            f"{path} is of another size (its preset was {other.card.preset}): name that one with --preset"
        )
    model.network.set_weights(other.network.get_weights())


def _train(run: Run, flags: TrainFlags, corpus: Corpus) -> Outcome:
    data = run.config.data
    with run.devices.building():
        model = build(run.config, str(flags.data), lambda: training_crops(corpus)["band"])
        if run.init is not None:
            initialize(model, Path(run.init))
        model.compile(gradient_accumulation_steps=run.gradient_accumulation_steps)
    limit = Limit(run.budget)
    saved = Checkpoint(
        run.workdir.checkpoints,
        flags.cadence.checkpoint_every,
        # In halves, which is inaudible.
        save_network=lambda: checkpoint.save(
            run.workdir.path / checkpoint.FILE, model.inverter, dtype="float16"
        ),
        extra={"seconds": limit.seconds},
        writes=run.devices.is_chief,
    )
    callbacks = _callbacks(run, flags, corpus, limit, saved) if run.devices.is_chief else []

    def batches(first: int, step_shard: StepShard) -> tf.data.Dataset:
        return unpaired_batches(
            corpus,
            frames=data.frames,
            batch_size=data.batch_size,
            seed=run.seed,
            first_step=first,
            waveforms=True,
            step_shard=step_shard,
        )

    trainer = Trainer(model, limit=limit, checkpoint=saved, callbacks=callbacks, devices=run.devices)
    return trainer.fit(batch_source.of(flags, batches))


def _callbacks(
    run: Run, flags: TrainFlags, corpus: Corpus, limit: Limit, saved: Checkpoint
) -> list[keras.callbacks.Callback]:
    frames = min(round(_SECONDS * corpus.spec.frame_rate), corpus.segment_frames)
    recordings = validation_clips(corpus, frames=frames, count=_CLIPS)
    clips = ValidationClips(corpus.spec, run.config.source, recordings)
    events, cadence = Events(run.workdir.logs), flags.cadence
    return [
        Scalars(events, cadence.log_every, settings=run.settings, limit=limit, checkpoint=saved),
        VocoderPreviews(clips, events, cadence.summary_every),
        VocoderEvaluation(clips, events, cadence.evaluation_steps),
    ]


def _with_translator(asked: TrainFlags, translator: str | None) -> TrainFlags:
    """The flags; the translator is a setting like others, so that a resumed run has the same."""
    if asked.keep_best is not None or asked.vocoder is not None:
        raise UserError("--keep_best and --vocoder are for translators: leave them out, or see --init")
    if translator is None:
        return asked
    return dataclasses.replace(asked, changes=(*asked.changes, f"translator={translator}"))


def main(argv: list[str]) -> None:
    """Trains as the flags say."""
    values = flags.FlagValues()
    training_flags.define(values, _INIT)
    translator = flags.DEFINE_string(
        "translator",
        None,
        "Train on this translator's log-mels of the band's songs, which are not quite the songs' own: a "
        "training run's --workdir.",
        flag_values=values,
    )
    console.parse(values, argv, __doc__)
    asked = _with_translator(training_flags.read(values), translator.value)
    corpus = open_corpus(asked.data)
    batch_source.require(asked, corpus)
    with opened("vocoder", PRESETS, asked, corpus.spec) as run:
        outcome = _train(run, asked, corpus)
    report(outcome, run.workdir, f"translate with --vocoder {run.workdir.path}")


if __name__ == "__main__":
    console.run(main)
