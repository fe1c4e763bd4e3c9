"""Trains a feed-forward network against the band's Gram matrices.

Presets: styletransfer_tiny (two cores, minutes).

    coverband train styletransfer --data data/ --workdir runs/mine
    coverband train styletransfer --data data/ --workdir runs/mine --set perceptual.style=transcriber
    coverband train styletransfer --data data/ --workdir runs/mine --set perceptual.style=discriminator \
        --set perceptual.discriminator=runs/vaegan
    coverband train styletransfer --data data/ --workdir runs/mine --resume
"""

from __future__ import annotations

from absl import flags

from pipelines import console
from pipelines.data.corpus import Corpus
from pipelines.inference.onnx_export import export_run
from pipelines.training import flags as training_flags
from pipelines.training import launch
from pipelines.training.setup import Run
from styletransfer.feedforward.model import FeedForward


def build(run: Run, corpus: Corpus) -> FeedForward:
    """Model of a run; a feature network that is trained first is stored in the run's folder."""
    return FeedForward.from_data(run.config, corpus, run.workdir.path)


def main(argv: list[str]) -> None:
    """Trains as the flags say."""
    values = flags.FlagValues()
    training_flags.define(values)
    console.parse(values, argv, __doc__)
    launch.train(FeedForward, training_flags.read(values), build=build, finish=export_run)


if __name__ == "__main__":
    console.run(main)
