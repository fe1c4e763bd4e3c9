"""Trains a VAE-GAN: the band's sound from note posteriors and a view of the source.

Presets: vaegan_tiny (two cores, a quarter of an hour), vaegan_dynamics (follows a song's dynamics, too),
vaegan_larsen (the paper's losses), vaegan_base (to start from the base of many bands).

    coverband train vaegan --data data/ --workdir runs/mine
    coverband train vaegan --data data/ --workdir runs/mine --preset vaegan_base --init shipped --minutes 2
    coverband train vaegan --data data/ --workdir runs/paper --preset vaegan_larsen
    coverband train vaegan --data data/ --workdir runs/mine --resume
"""

from __future__ import annotations

from absl import flags

from pipelines import console
from pipelines.data.corpus import Corpus
from pipelines.data.statistics import training_crops
from pipelines.inference.onnx_export import export_run
from pipelines.training import flags as training_flags
from pipelines.training import launch
from pipelines.training.setup import Run
from transcriber.loaders import frame_features, transcriber_of
from vaegan.base import checkpoint
from vaegan.model import VAEGAN

_INIT = (
    "The base.npz of a `coverband train base` run to start from, or shipped for the one that comes with "
    "Coverband; with --preset vaegan_base (default: random weights). A resumed run goes on from its own."
)


def build(run: Run, corpus: Corpus) -> VAEGAN:
    """VAE-GAN of a run, with random weights or those of a base."""
    if run.init is None:
        return VAEGAN.from_data(run.config, corpus)
    model = VAEGAN(run.config, transcriber_of(corpus))
    checkpoint.start_from(model, checkpoint.named(run.init))
    model.adapt(training_crops(corpus))
    return model


def main(argv: list[str]) -> None:
    """Trains as the flags say."""
    values = flags.FlagValues()
    training_flags.define(values, _INIT)
    console.parse(values, argv, __doc__)
    launch.train(VAEGAN, training_flags.read(values), frame_features, build, finish=export_run)


if __name__ == "__main__":
    console.run(main)
