"""Trains a vocoder on the band's recordings: from log-mels and a source's phase to sound.

Presets: vocoder_tiny (two cores, half an hour), vocoder_base (one GPU, hours).

    coverband train vocoder --data data/ --workdir runs/vocoder --minutes 30
    coverband train vocoder --data data/ --workdir runs/vocoder --resume --minutes 60
    coverband train vocoder --data data/ --workdir runs/tuned --init runs/vocoder --translator runs/mine

Then: coverband translate --model runs/mine --vocoder runs/tuned --input song.mp3 --output cover.wav
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import keras
import tensorflow as tf
from absl import flags

from pipelines import console
from pipelines.data.batching import StepShard, unpaired_batches
from pipelines.data.corpus import Corpus
from pipelines.data.excerpts import validation_clips
from pipelines.data.loader import open_corpus
from pipelines.errors import UserError
from pipelines.inference.loading import load_trained
from pipelines.inference.windows import TranslateFn, translate_whole
from pipelines.nn.neural_vocoder import checkpoint
from pipelines.training import feeding
from pipelines.training import flags as training_flags
from pipelines.training.flags import TrainFlags
from pipelines.training.loop import Loop, Outcome
from pipelines.training.nobody import Nobody
from pipelines.training.opening import Run, opened, report
from vocoder.config import Config
from vocoder.model import VocoderModel
from vocoder.observer import VocoderObserver
from vocoder.presets import PRESETS

_CLIPS, _SECONDS = 3, 4.0


def build(config: Config, data: str) -> VocoderModel:
    """A vocoder that is told a translator's log-mels, if the configuration names one.

    Args:
        config: of the run.
        data: what the data folder is called, for the sentence if the translator does not fit.

    Raises:
        UserError: if there is no such translator, or it was taught another spec.
    """
    return VocoderModel(config, _translate(config, data) if config.translator else None)


def _translate(config: Config, data: str) -> TranslateFn:
    assert config.translator is not None
    translator = load_trained(Path(config.translator))
    translator.spec.require_equal(config.spec, config.translator, data)
    multiple = translator.card.time_multiple
    return lambda log_mel: translate_whole(
        lambda clip: translator.model(clip, training=False), log_mel, multiple
    )


def begin_with(model: VocoderModel, path: Path) -> None:
    """Gives a model the weights of another vocoder.

    Raises:
        UserError: if there is none, it was taught another spec, or its network has another plan.
    """
    other = checkpoint.load_for(path, model.config.spec, "the data")
    if [weight.shape for weight in other.network.weights] != [w.shape for w in model.network.weights]:
        raise UserError(
            f"{path} is of another size (its preset was {other.card.preset}): name that one with --preset"
        )
    for network in (model.network, model.average):
        _set(network, other.network)


def _set(network: keras.Model, other: keras.Model) -> None:
    network.set_weights(other.get_weights())


def _train(run: Run, asked: TrainFlags, corpus: Corpus, init: Path | None) -> Outcome:
    data = run.config.data
    with run.devices.building():
        model = build(run.config, str(asked.data))
    if init is not None:
        begin_with(model, init)
    seconds = min(round(_SECONDS * corpus.spec.frame_rate), corpus.segment_frames)
    clips = validation_clips(corpus, frames=seconds, count=_CLIPS)
    observer = VocoderObserver(model, run.workdir, clips) if run.devices.is_chief else Nobody()

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

    loop = Loop(model, run.workdir, run.budget, asked.cadence, observer, run.devices)
    return loop.run(feeding.of(asked, batches))


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
    training_flags.define(values)
    init = flags.DEFINE_string(
        "init",
        None,
        "Initialize with the weights of another vocoder of the same size: a run's workdir, a vocoder.npz, or "
        "shipped for the one that comes with Coverband.",
        flag_values=values,
    )
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
    feeding.require(asked, corpus)
    with opened("vocoder", PRESETS, asked, corpus.spec) as run:
        outcome = _train(run, asked, corpus, Path(init.value) if init.value else None)
    report(outcome, run.workdir, f"translate with --vocoder {run.workdir.path}")


if __name__ == "__main__":
    console.run(main)
