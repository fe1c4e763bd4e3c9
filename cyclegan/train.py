"""Trains a CycleGAN: generic songs to the band's sound.

Presets: cyclegan_tiny (two cores, minutes), cyclegan_held (for real recordings, two cores, minutes).

    coverband train cyclegan --data data/ --workdir runs/mine
    coverband train cyclegan --data data/ --workdir runs/mine --preset cyclegan_held --set data.batch_size=8
    coverband train cyclegan --data data/ --workdir runs/mine --resume
"""

from __future__ import annotations

from absl import flags

from cyclegan.model import CycleGAN
from pipelines import console
from pipelines.inference.onnx_export import export_run
from pipelines.training import flags as training_flags
from pipelines.training import launch


def main(argv: list[str]) -> None:
    """Trains as the flags say."""
    values = flags.FlagValues()
    training_flags.define(values)
    console.parse(values, argv, __doc__)
    launch.train(CycleGAN, training_flags.read(values), finish=export_run)


if __name__ == "__main__":
    console.run(main)
