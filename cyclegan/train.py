"""Trains a CycleGAN: generic songs to the band's sound.

Presets: cyclegan_tiny (two cores, minutes), cyclegan_base (one GPU, hours).

    coverband train cyclegan --data data/ --workdir runs/mine
    coverband train cyclegan --data data/ --workdir runs/mine --preset cyclegan_base --set data.batch_size=8
    coverband train cyclegan --data data/ --workdir runs/mine --resume
"""

from __future__ import annotations

from absl import flags

from cyclegan.config import Config
from cyclegan.model import CycleGAN
from cyclegan.presets import PRESETS
from pipelines import console
from pipelines.data.corpus import Corpus
from pipelines.data.statistics import mel_statistics, training_crops
from pipelines.training import flags as training_flags
from pipelines.training import launch
from transcriber.loaders import transcriber_of


def build(config: Config, corpus: Corpus) -> CycleGAN:
    """A CycleGAN that knows how the corpus's domains are spread, with a transcriber if the notes count."""
    model = CycleGAN(config, transcriber_of(corpus) if config.loss.content else None)
    model.set_statistics({domain: mel_statistics(x) for domain, x in training_crops(corpus).items()})
    return model


def main(argv: list[str]) -> None:
    """Trains as the flags say."""
    values = flags.FlagValues()
    training_flags.define(values)
    console.parse(values, argv, __doc__)
    launch.run(launch.Family("cyclegan", PRESETS, build), training_flags.read(values))


if __name__ == "__main__":
    console.run(main)
