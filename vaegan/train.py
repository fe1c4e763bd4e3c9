"""Trains a VAE-GAN: the band's sound from note posteriors and a view of the source.

Presets: vaegan_tiny (two cores, a quarter of an hour), vaegan_larsen (the paper's losses), vaegan_base (one
GPU, hours).

    coverband train vaegan --data data/ --workdir runs/mine
    coverband train vaegan --data data/ --workdir runs/paper --preset vaegan_larsen
    coverband train vaegan --data data/ --workdir runs/mine --resume
"""

from __future__ import annotations

from absl import flags

from pipelines import console
from pipelines.inference.onnx_export import export_run
from pipelines.training import flags as training_flags
from pipelines.training import launch
from transcriber.loaders import frame_features
from vaegan.model import VAEGAN


def main(argv: list[str]) -> None:
    """Trains as the flags say."""
    values = flags.FlagValues()
    training_flags.define(values)
    console.parse(values, argv, __doc__)
    launch.train(VAEGAN, training_flags.read(values), frame_features, finish=export_run)


if __name__ == "__main__":
    console.run(main)
