"""Trains the disentangled model: content from the transcriber, and a style that any recording can give.

Presets: disentangled_tiny (two cores, a quarter of an hour).

    coverband train disentangled --data data/ --workdir runs/mine
    coverband translate --model runs/mine --style other_band/ --input song.mp3 --output cover.wav
"""

from __future__ import annotations

from absl import flags

from pipelines import console
from pipelines.inference.onnx_export import export_run
from pipelines.training import flags as training_flags
from pipelines.training import launch
from transcriber.loaders import frame_features
from vaegan.disentangled.model import Disentangled


def main(argv: list[str]) -> None:
    """Trains as the flags say."""
    values = flags.FlagValues()
    training_flags.define(values)
    console.parse(values, argv, __doc__)
    launch.train(Disentangled, training_flags.read(values), frame_features, finish=export_run)


if __name__ == "__main__":
    console.run(main)
