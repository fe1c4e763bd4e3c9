"""Trains a sequence-to-sequence model, on the same content as the content decoder.

Presets: seq2seq_tiny (two cores, some minutes).

    coverband train seq2seq --data data/ --workdir runs/seq2seq
"""

from __future__ import annotations

from absl import flags

from pipelines import console
from pipelines.inference.onnx_export import export_run
from pipelines.training import flags as training_flags
from pipelines.training import launch
from transcriber.loaders import frame_features
from transcriber.seq2seq.model import Seq2Seq


def main(argv: list[str]) -> None:
    """Trains as the flags say."""
    values = flags.FlagValues()
    training_flags.define(values)
    console.parse(values, argv, __doc__)
    launch.train(Seq2Seq, training_flags.read(values), frame_features, finish=export_run)


if __name__ == "__main__":
    console.run(main)
