"""Trains the disentangled model: content from the transcriber, and a style that any recording can give.

Presets: disentangled_tiny (two cores, a quarter of an hour).

    coverband train disentangled --data data/ --workdir runs/mine
    coverband translate --model runs/mine --style other_band/ --input song.mp3 --output cover.wav
"""

from __future__ import annotations

from absl import flags

from pipelines import console
from pipelines.data.corpus import Corpus
from pipelines.data.statistics import training_crops
from pipelines.training import flags as training_flags
from pipelines.training import launch
from transcriber.loaders import heard_in, transcriber_of
from vaegan.disentangled.config import Config
from vaegan.disentangled.model import Disentangled
from vaegan.disentangled.presets import PRESETS


def build(config: Config, corpus: Corpus) -> Disentangled:
    """A model that knows how the corpus's domains are spread."""
    model = Disentangled(config, transcriber_of(corpus))
    model.set_statistics(training_crops(corpus))
    return model


def main(argv: list[str]) -> None:
    """Trains as the flags say."""
    values = flags.FlagValues()
    training_flags.define(values)
    console.parse(values, argv, __doc__)
    launch.run(launch.Family("disentangled", PRESETS, build, heard_in), training_flags.read(values))


if __name__ == "__main__":
    console.run(main)
