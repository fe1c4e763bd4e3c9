"""Trains a VAE-GAN: the band's sound from note posteriors and a view of the source.

Presets: vaegan_tiny (two cores, a quarter of an hour), vaegan_larsen (the paper's losses), vaegan_base (to
start from the base of many bands).

    coverband train vaegan --data data/ --workdir runs/mine
    coverband train vaegan --data data/ --workdir runs/mine --preset vaegan_base --init shipped --minutes 2
    coverband train vaegan --data data/ --workdir runs/paper --preset vaegan_larsen
    coverband train vaegan --data data/ --workdir runs/mine --resume
"""

from __future__ import annotations

from pathlib import Path

from absl import flags

from pipelines import console
from pipelines.data.corpus import Corpus
from pipelines.data.statistics import training_crops
from pipelines.inference.onnx_export import export_run
from pipelines.training import flags as training_flags
from pipelines.training import launch
from pipelines.training.setup import Run
from transcriber.loaders import frame_features
from vaegan.base import checkpoint
from vaegan.model import VAEGAN


def started(run: Run, corpus: Corpus, base: Path) -> VAEGAN:
    """VAE-GAN of a run that starts from the weights of a base."""
    model = VAEGAN.from_data(run.config, corpus)
    checkpoint.start_from(model, base)
    model.adapt(training_crops(corpus))
    return model


def main(argv: list[str]) -> None:
    """Trains as the flags say."""
    values = flags.FlagValues()
    training_flags.define(values)
    init = flags.DEFINE_string(
        "init",
        None,
        "The base.npz of a `coverband train base` run to start from, or shipped for the one that comes with "
        "Coverband; with --preset vaegan_base (default: random weights). A resumed run goes on from its own.",
        flag_values=values,
    )
    console.parse(values, argv, __doc__)
    base = None if init.value is None else checkpoint.named(init.value)
    build = None if base is None else lambda run, corpus: started(run, corpus, base)
    launch.train(VAEGAN, training_flags.read(values), frame_features, build, finish=export_run)


if __name__ == "__main__":
    console.run(main)
