"""Trains a CycleGAN: generic songs to the band's sound.

Presets: cyclegan_tiny (two cores, minutes), cyclegan_base (one GPU, hours).

    coverband train cyclegan --data data/ --workdir runs/mine
    coverband train cyclegan --data data/ --workdir runs/mine --preset cyclegan_base --set data.batch_size=8
    coverband train cyclegan --data data/ --workdir runs/mine --resume
"""

from __future__ import annotations

from absl import flags

from cyclegan.model import CycleGAN
from pipelines import console
from pipelines.training import flags as training_flags
from pipelines.training import launch

flags.adopt_module_key_flags(training_flags)


def main(argv: list[str]) -> None:
    """Trains as the flags say."""
    console.require_no_arguments(argv)
    launch.train(CycleGAN, training_flags.parsed())


if __name__ == "__main__":
    console.run(main)
