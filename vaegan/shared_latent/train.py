"""Trains a VAE-GAN with a latent space that both domains share: no transcriber, a decoder for each domain.

Presets: shared_latent_tiny (two cores, a quarter of an hour).

    coverband train shared_latent --data data/ --workdir runs/mine
    coverband train shared_latent --data data/ --workdir runs/vae --set loss.gan=0 --set loss.features=0
    coverband train shared_latent --data data/ --workdir runs/mine --resume
"""

from __future__ import annotations

from absl import flags

from pipelines import console
from pipelines.inference.onnx_export import export_run
from pipelines.training import flags as training_flags
from pipelines.training import launch
from vaegan.shared_latent.model import SharedLatent


def main(argv: list[str]) -> None:
    """Trains as the flags say."""
    values = flags.FlagValues()
    training_flags.define(values)
    console.parse(values, argv, __doc__)
    launch.train(SharedLatent, training_flags.read(values), finish=export_run)


if __name__ == "__main__":
    console.run(main)
