"""Trains a VAE-GAN: the band's sound from what the transcriber hears.

Presets: vaegan_tiny (two cores, a quarter of an hour), vaegan_base (one GPU, hours).

    coverband train vaegan --data data/ --workdir runs/mine
    coverband train vaegan --data data/ --workdir runs/mine --set loss.features=0 --set loss.pixels=1
    coverband train vaegan --data data/ --workdir runs/mine --resume
"""

from __future__ import annotations

from absl import flags

from pipelines import console
from pipelines.data.corpus import Corpus
from pipelines.data.statistics import training_crops
from pipelines.training import flags as training_flags
from pipelines.training import launch
from transcriber.loaders import heard_in, transcriber_of
from vaegan.config import Config
from vaegan.model import VAEGAN
from vaegan.presets import PRESETS


def build(config: Config, corpus: Corpus) -> VAEGAN:
    """A VAE-GAN that knows how the corpus's domains are spread."""
    model = VAEGAN(config, transcriber_of(corpus))
    model.set_statistics(training_crops(corpus))
    return model


def main(argv: list[str]) -> None:
    """Trains as the flags say."""
    values = flags.FlagValues()
    training_flags.define(values)
    console.parse(values, argv, __doc__)
    launch.run(launch.Family("vaegan", PRESETS, build, heard_in), training_flags.read(values))


if __name__ == "__main__":
    console.run(main)
