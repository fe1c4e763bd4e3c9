"""Trains a flow decoder, the alternative to the VAE-GAN on the same content.

Presets: flow_decoder_tiny (two cores, a quarter of an hour).

    coverband train flow_decoder --data data/ --workdir runs/flow
"""

from __future__ import annotations

from absl import flags

from pipelines import console
from pipelines.inference.onnx_export import export_run
from pipelines.training import flags as training_flags
from pipelines.training import launch
from transcriber.flow_decoder.model import FlowDecoder
from transcriber.loaders import frame_features


def main(argv: list[str]) -> None:
    """Trains as the flags say."""
    values = flags.FlagValues()
    training_flags.define(values)
    console.parse(values, argv, __doc__)
    launch.train(FlowDecoder, training_flags.read(values), frame_features, finish=export_run)


if __name__ == "__main__":
    console.run(main)
