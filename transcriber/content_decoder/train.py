"""Trains a decoder of what the transcriber hears: the floor that every translator has to beat.

Presets: content_decoder_tiny (two cores, some minutes).

    coverband train content_decoder --data data/ --workdir runs/floor
"""

from __future__ import annotations

import functools
from pathlib import Path

from absl import flags

from pipelines import console
from pipelines.data.corpus import Corpus
from pipelines.data.feature_cache import FrameFeatures
from pipelines.data.statistics import training_crops
from pipelines.errors import UserError
from pipelines.training import flags as training_flags
from pipelines.training import launch
from transcriber import checkpoint
from transcriber.content_decoder.config import Config
from transcriber.content_decoder.model import DecoderModel
from transcriber.content_decoder.presets import PRESETS
from transcriber.loaders import heard_in, transcriber_of


def build(config: Config, corpus: Corpus, *, path: Path = checkpoint.SHIPPED) -> DecoderModel:
    """A decoder of what the transcriber hears, which knows how the band is spread."""
    transcriber = transcriber_of(corpus, path)
    if config.data.frames % (stride := transcriber.config.time_stride):
        raise UserError(f"--set data.frames={config.data.frames}: {path} hears {stride} frames at a time")
    model = DecoderModel(config, transcriber)
    model.set_statistics(training_crops(corpus))
    return model


def frame_features(corpus: Corpus, workdir: Path, *, path: Path = checkpoint.SHIPPED) -> FrameFeatures:
    """Feature cache of the songs' note logits, by the transcriber in the file `path`."""
    return heard_in(corpus, workdir, path)


def main(argv: list[str]) -> None:
    """Trains as the flags say."""
    values = flags.FlagValues()
    training_flags.define(values)
    transcriber = flags.DEFINE_string(
        "transcriber",
        None,
        "The transcriber.npz of a training run (default: the one that comes with Coverband).",
        flag_values=values,
    )
    console.parse(values, argv, __doc__)
    path = Path(transcriber.value) if transcriber.value else checkpoint.SHIPPED
    family = launch.Family(
        "content_decoder",
        PRESETS,
        functools.partial(build, path=path),
        functools.partial(frame_features, path=path),
    )
    launch.run(family, training_flags.read(values))


if __name__ == "__main__":
    console.run(main)
